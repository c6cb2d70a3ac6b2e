-- The schema and what may be done in it, before the first migration makes a table.
\set ON_ERROR_STOP on
\connect hubbub

revoke all on schema public from public;
create schema hubbub authorization hubbub_migrate;
grant usage on schema hubbub to hubbub_app, hubbub_readonly;

alter default privileges for role hubbub_migrate in schema hubbub
  grant select, insert, update, delete on tables to hubbub_app;
alter default privileges for role hubbub_migrate in schema hubbub
  grant usage, select on sequences to hubbub_app;
alter default privileges for role hubbub_migrate in schema hubbub
  grant select on tables to hubbub_readonly;
