-- 併徴: a levy that the employer collects in part and the person pays in part by slip has twelve months and four due dates, in this order.
-- Code of before may run beside it: it wrote no such levies.
alter table resident_tax.assessment drop constraint instalments_whole;
alter table resident_tax.assessment
  add constraint instalments_whole check (
    instalment_yen is null and instalment_due_on is null
    or cardinality(instalment_yen) = cardinality(instalment_due_on)
       and (cardinality(instalment_yen) between 0 and 12 or collection = 'mixed' and cardinality(instalment_yen) = 16)
       and array_position(instalment_yen, null) is null and array_position(instalment_due_on, null) is null
       and 0 <= all (instalment_yen) and resident_tax.sum_of(instalment_yen) = annual_yen);
