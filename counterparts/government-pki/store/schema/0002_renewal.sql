-- Renewals: new certificates for a holder whose old one still stands. Facts, inserted only; older code goes on beside it.
create table government_pki.renewal (
  request_digest  bytea primary key check (octet_length(request_digest) = 32),
  organisation    text not null,
  system          text not null,
  -- The certificate that the holder showed when it asked.
  shown           text not null references government_pki.certificate (fingerprint),
  renewed_at      timestamptz not null,
  event_id        uuid not null
);
create index renewal_holder on government_pki.renewal (organisation, system, renewed_at desc);
alter table government_pki.certificate add column renewal_digest bytea references government_pki.renewal;
create index certificate_renewal on government_pki.certificate (renewal_digest) where renewal_digest is not null;
create index certificate_ending on government_pki.certificate (valid_until);
grant select, insert on government_pki.renewal to {app};
