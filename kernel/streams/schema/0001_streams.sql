-- Ordered delivery between instances (design 4.0). Sender: outbound, outgoing, resolution. Receiver: inbound, incoming.
-- First version; nothing older runs beside it.
create schema streams;
grant usage on schema streams to {app};

-- One row per stream that this instance sends. The relay locks it "for no key update", so that business transactions
-- that hold the foreign key's share lock never wait for the relay.
create table streams.outbound (
  receiver     text not null check (receiver ~ '^[a-z0-9-]+/[a-z0-9-]+$'),
  family       text not null,
  class        text not null check (class in ('single', 'bulk')),
  next_number  bigint not null default 1 check (next_number >= 1),
  lease_holder uuid,
  lease_until  timestamptz,
  not_before   timestamptz,
  tries        int not null default 0 check (tries >= 0),
  held_because text,
  isolate      int not null default 0 check (isolate >= 0),
  primary key (receiver, family),
  unique (receiver, family, class)
);

-- What was said. Number and outcome come later and are the only columns that move.
create table streams.outgoing (
  message_id  uuid primary key,
  entered     bigint generated always as identity,
  receiver    text not null,
  family      text not null,
  class       text not null,
  subject     text not null,
  payload_ref text not null,
  digest      bytea not null check (octet_length(digest) = 32),
  event_id    uuid not null,
  entered_at  timestamptz not null,
  replaces    uuid references streams.outgoing,
  number      bigint check (number >= 1),
  state       text not null default 'waiting'
              check (state in ('waiting', 'numbered', 'parking', 'applied', 'refused', 'parked')),
  tries       int not null default 0,
  word        text,
  settled_at  timestamptz,
  foreign key (receiver, family, class) references streams.outbound (receiver, family, class),
  unique (receiver, family, number),
  check ((number is null) = (state = 'waiting')),
  check ((settled_at is not null) = (state in ('applied', 'refused', 'parked')))
);
create index outgoing_waiting on streams.outgoing (receiver, family, entered) where state = 'waiting';
create index outgoing_open on streams.outgoing (receiver, family, number) where state in ('numbered', 'parking');
create index outgoing_undelivered on streams.outgoing (settled_at) where state in ('refused', 'parked');
create index outgoing_event on streams.outgoing (event_id);
create unique index outgoing_replaces on streams.outgoing (replaces);

-- How a refused or parked message was dealt with: once.
create table streams.resolution (
  message_id  uuid primary key references streams.outgoing,
  resolution  text not null check (resolution in ('resent', 'corrected', 'not-needed')),
  resolved_by text not null,
  resolved_at timestamptz not null,
  event_id    uuid not null
);

create table streams.inbound (
  sender      text not null check (sender ~ '^[a-z0-9-]+/[a-z0-9-]+$'),
  family      text not null,
  next_number bigint not null default 1 check (next_number >= 1),
  primary key (sender, family)
);

-- The number is the idempotency key: this row commits with the facts and the event of the act that it led to.
create table streams.incoming (
  sender      text not null,
  family      text not null,
  number      bigint not null check (number >= 1),
  message_id  uuid not null,
  digest      bytea not null check (octet_length(digest) = 32),
  outcome     text not null check (outcome in ('applied', 'refused', 'parked')),
  word        text,
  event_id    uuid not null,
  received_at timestamptz not null,
  primary key (sender, family, number),
  foreign key (sender, family) references streams.inbound (sender, family)
);
create index incoming_event on streams.incoming (event_id);

grant select, insert on streams.outbound to {app};
grant update (next_number, lease_holder, lease_until, not_before, tries, held_because, isolate) on streams.outbound to {app};
grant select, insert on streams.outgoing to {app};
grant update (number, state, tries, word, settled_at) on streams.outgoing to {app};
grant select, insert on streams.resolution to {app};
grant select, insert on streams.inbound to {app};
grant update (next_number) on streams.inbound to {app};
grant select, insert on streams.incoming to {app};
