-- 申告特例通知 as the municipality that was given to (地方税法 附則第7条第5項): applications by the channel through which they came, each channel's
-- own count, the packages to the donors' municipalities and what each of them signed. Numbers of donors stand in the vault under
-- `donation:ID`. Older code beside it does not know the tables.
create table resident_tax.donation_channel (
  donation_year int not null check (donation_year between 2015 and 2100),
  channel       text not null check (channel ~ '^[a-z0-9-]{1,20}$'),
  name          text not null,
  event_id      uuid not null,
  primary key (donation_year, channel)
);
-- What the channel itself says it received; the newest entry counts.
create table resident_tax.donation_channel_count (
  donation_year int not null,
  channel       text not null,
  entry_no      int not null check (entry_no >= 1),
  stated        int not null check (stated >= 0),
  by            text not null,
  on_day        date not null,
  event_id      uuid not null,
  primary key (donation_year, channel, entry_no),
  foreign key (donation_year, channel) references resident_tax.donation_channel
);
create table resident_tax.donation_application (
  application_id    uuid primary key,
  donation_year     int not null,
  channel           text not null,
  -- The channel's own number: the same application twice is one.
  reference_no      text not null,
  name              text not null,
  kana              text not null,
  birth_date        date not null,
  postal_code       text,
  address           text not null,
  municipality_code text not null check (municipality_code ~ '^[0-9]{6}$'),
  number_ref        uuid not null,
  phone             text,
  amount_yen        bigint not null check (amount_yen > 0),
  donations         int not null check (donations >= 1),
  applied_on        date not null,
  changed           boolean not null,
  event_id          uuid not null,
  unique (donation_year, channel, reference_no),
  foreign key (donation_year, channel) references resident_tax.donation_channel
);
create table resident_tax.donation_application_void (
  application_id uuid primary key references resident_tax.donation_application,
  reason         text not null check (reason in ('duplicate', 'withdrawn', 'too-late', 'not-a-person')),
  note           text not null check (note <> ''),
  by             text not null,
  on_day         date not null,
  event_id       uuid not null
);
create table resident_tax.one_stop_batch (
  batch_id      uuid primary key,
  donation_year int not null,
  made_by       text not null,
  made_on       date not null,
  event_id      uuid not null
);
create table resident_tax.one_stop_batch_approval (
  batch_id  uuid primary key references resident_tax.one_stop_batch,
  by        text not null,
  on_day    date not null,
  event_id  uuid not null
);
create table resident_tax.one_stop_package (
  transfer_id uuid primary key,
  batch_id    uuid not null references resident_tax.one_stop_batch,
  target_code text not null check (target_code ~ '^[0-9]{6}$'),
  records     int not null check (records >= 1),
  sealed_ref  uuid not null,
  event_id    uuid not null,
  unique (batch_id, target_code)
);
create table resident_tax.one_stop_package_item (
  transfer_id    uuid not null references resident_tax.one_stop_package,
  application_id uuid not null references resident_tax.donation_application,
  event_id       uuid not null,
  primary key (transfer_id, application_id)
);
create index on resident_tax.one_stop_package_item (application_id);
create table resident_tax.one_stop_package_step (
  transfer_id uuid not null references resident_tax.one_stop_package,
  step        text not null check (step in ('sent', 'received', 'returned')),
  note        text,
  receipt     text,
  on_day      date not null,
  event_id    uuid not null,
  primary key (transfer_id, step),
  check ((step = 'sent') = (receipt is null))
);
-- A package has one end.
create unique index on resident_tax.one_stop_package_step (transfer_id) where step <> 'sent';
create table resident_tax.one_stop_close (
  donation_year int primary key,
  by            text not null,
  on_day        date not null,
  event_id      uuid not null
);

select audit.declare_fact_table('resident_tax.' || t) from unnest(array['donation_channel', 'donation_channel_count', 'donation_application',
  'donation_application_void', 'one_stop_batch', 'one_stop_batch_approval', 'one_stop_package', 'one_stop_package_item',
  'one_stop_package_step', 'one_stop_close']) t;
grant select, insert on resident_tax.donation_channel, resident_tax.donation_channel_count, resident_tax.donation_application,
  resident_tax.donation_application_void, resident_tax.one_stop_batch, resident_tax.one_stop_batch_approval, resident_tax.one_stop_package,
  resident_tax.one_stop_package_item, resident_tax.one_stop_package_step, resident_tax.one_stop_close to {app};
