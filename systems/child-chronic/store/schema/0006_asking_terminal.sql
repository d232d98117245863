-- At which terminal it was asked: told with the question, and the same again where it is taken up anew. Old code leaves it empty.
alter table child_chronic.inquiry add column asked_terminal text check (length(asked_terminal) <= 60);
