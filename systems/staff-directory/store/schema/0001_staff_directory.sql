-- People who work here, how they prove who they are, and what they may do where (design 6). Facts only, but for the count
-- of failures and the passkeys' counters. First version; nothing older runs beside it.
create schema staff_directory;
grant usage on schema staff_directory to {app};

-- An id names one person for ever: there is no delete, and no second account for a staff number.
create table staff_directory.account (
  staff_id     text primary key check (staff_id ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  staff_number text not null unique check (length(staff_number) between 1 and 20),
  kind         text not null check (kind in ('employee', 'contractor')),
  display_name text not null check (length(display_name) between 1 and 60),
  position     text not null check (length(position) <= 60),
  -- 誓約書 of a contractor's person: nobody of a contractor has an account without it.
  oath_on       date,
  oath_document text check (length(oath_document) between 1 and 60),
  check ((oath_on is null) = (oath_document is null)),
  check (kind = 'employee' or oath_on is not null),
  approval_id  uuid unique,
  opened_at    timestamptz not null,
  event_id     uuid not null
);

-- The last row of a person is what holds now.
create table staff_directory.account_state (
  change_no   bigint generated always as identity primary key,
  staff_id    text not null references staff_directory.account,
  state       text not null check (state in ('active', 'suspended', 'closed')),
  valid_until date not null,
  because     text not null,
  changed_by  text not null,
  changed_at  timestamptz not null,
  event_id    uuid not null
);
create index account_state_staff on staff_directory.account_state (staff_id, change_no desc);

create table staff_directory.password (
  password_no bigint generated always as identity primary key,
  staff_id    text not null references staff_directory.account,
  hash        text not null check (hash like 'argon2id$%'),
  set_on      date not null,
  -- Issued by somebody else: opens nothing but its change.
  issued      boolean not null,
  -- Until when the holder of this issued password may register a first passkey.
  enrol_until timestamptz,
  set_at      timestamptz not null,
  event_id    uuid not null
);
create index password_staff on staff_directory.password (staff_id, password_no desc);

create table staff_directory.failure (
  staff_id  text primary key references staff_directory.account,
  failures  int not null check (failures between 0 and 1000),
  locked_at timestamptz
);

create table staff_directory.passkey (
  credential_id text primary key,
  staff_id      text not null references staff_directory.account,
  public_key    bytea not null,
  counter       bigint not null check (counter >= 0),
  label         text not null check (length(label) between 1 and 60),
  -- The software authenticator of a town; refused everywhere else.
  training      boolean not null,
  registered_at timestamptz not null,
  event_id      uuid not null
);
create index passkey_staff on staff_directory.passkey (staff_id);

create table staff_directory.passkey_removed (
  credential_id text primary key references staff_directory.passkey,
  because       text not null,
  removed_by    text not null,
  removed_at    timestamptz not null,
  event_id      uuid not null
);

-- What was asked for (account, grant, terminal), word for word; decided and carried out under the number of its approval.
create table staff_directory.application (
  approval_id uuid primary key,
  kind        text not null check (kind in ('account', 'grant', 'terminal')),
  payload     jsonb not null,
  reason      text not null check (length(reason) between 1 and 400),
  applied_by  text not null,
  applied_at  timestamptz not null,
  event_id    uuid not null
);
create index application_at on staff_directory.application (applied_at);

create table staff_directory.grant_given (
  grant_id    uuid primary key,
  approval_id uuid unique references staff_directory.application,
  staff_id    text not null references staff_directory.account,
  system      text not null,
  role        text not null,
  valid_from  date not null,
  valid_until date not null check (valid_until >= valid_from),
  given_by    text not null,
  given_at    timestamptz not null,
  event_id    uuid not null
);
create index grant_given_staff on staff_directory.grant_given (staff_id);

create table staff_directory.grant_revoked (
  grant_id   uuid primary key references staff_directory.grant_given,
  because    text not null,
  revoked_by text not null,
  revoked_at timestamptz not null,
  event_id   uuid not null
);

create table staff_directory.terminal (
  terminal_id text primary key,
  kind        text not null check (kind in ('office', 'business', 'representative')),
  label       text not null check (length(label) between 1 and 60),
  place       text not null check (length(place) between 1 and 60),
  key         jsonb not null,
  approval_id uuid not null unique references staff_directory.application,
  enrolled_at timestamptz not null,
  event_id    uuid not null
);
create table staff_directory.terminal_revoked (
  terminal_id text primary key references staff_directory.terminal,
  because     text not null,
  revoked_by  text not null,
  revoked_at  timestamptz not null,
  event_id    uuid not null
);

-- Every sign-in that succeeded; failures are events of the log.
create table staff_directory.sign_in (
  sign_in_id   uuid primary key,
  staff_id     text not null references staff_directory.account,
  -- Seconds since the epoch: by it the provider finds how the person was authenticated.
  signed_in_s  bigint not null,
  methods      text[] not null,
  terminal_id  text references staff_directory.terminal,
  signed_in_at timestamptz not null,
  event_id     uuid not null
);
create index sign_in_staff on staff_directory.sign_in (staff_id, signed_in_s desc);

-- 照合情報等管理簿: made anew each fiscal year. Who was on it when it was opened, and what was found of each.
create table staff_directory.id_review (
  review_id   uuid primary key,
  fiscal_year int not null unique check (fiscal_year between 2000 and 2200),
  due_on      date not null,
  opened_on   date not null,
  opened_by   text not null,
  opened_at   timestamptz not null,
  event_id    uuid not null,
  check (due_on >= opened_on)
);
create table staff_directory.id_review_item (
  review_id uuid not null references staff_directory.id_review,
  staff_id  text not null references staff_directory.account,
  event_id  uuid not null,
  primary key (review_id, staff_id)
);
create index id_review_item_staff on staff_directory.id_review_item (staff_id);
create table staff_directory.id_review_finding (
  review_id uuid not null,
  staff_id  text not null,
  verdict   text not null check (verdict in ('confirmed', 'revoke')),
  note      text not null check (length(note) <= 400),
  found_by  text not null check (found_by <> staff_id),
  found_on  date not null,
  found_at  timestamptz not null,
  event_id  uuid not null,
  primary key (review_id, staff_id),
  foreign key (review_id, staff_id) references staff_directory.id_review_item
);
create table staff_directory.id_review_closed (
  review_id uuid primary key references staff_directory.id_review,
  suspended int not null check (suspended >= 0),
  closed_by text not null,
  closed_on date not null,
  closed_at timestamptz not null,
  event_id  uuid not null
);

select audit.declare_fact_table('staff_directory.' || t) from unnest(array['account', 'account_state', 'password',
  'passkey_removed', 'application', 'grant_given', 'grant_revoked', 'terminal', 'terminal_revoked', 'sign_in',
  'id_review', 'id_review_item', 'id_review_finding', 'id_review_closed']) as t;
select audit.declare_fact_table('staff_directory.passkey', p_excluded => '{counter}');

grant select, insert on staff_directory.account, staff_directory.account_state, staff_directory.password,
  staff_directory.failure, staff_directory.passkey, staff_directory.passkey_removed, staff_directory.application,
  staff_directory.grant_given, staff_directory.grant_revoked, staff_directory.terminal, staff_directory.terminal_revoked,
  staff_directory.sign_in, staff_directory.id_review, staff_directory.id_review_item, staff_directory.id_review_finding,
  staff_directory.id_review_closed to {app};
grant update (failures, locked_at) on staff_directory.failure to {app};
grant update (counter) on staff_directory.passkey to {app};
