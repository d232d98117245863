-- A code that was sealed anew under a newer key of this body takes the place of the former one.
alter table intermediate_server.linkage_ended drop constraint linkage_ended_why_check;
alter table intermediate_server.linkage_ended
  add check (why in ('code-changed', 'merged', 'undone', 'deleted', 'wrong-person', 'key-rotated'));
