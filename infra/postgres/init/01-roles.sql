-- Runs once, when the volume is new. Four roles, none of them a superuser:
--   hubbub_migrate   owns the database, may change the schema; only the one-shot `migrate` container uses it
--   hubbub_app       reads and writes rows; gateways, api processes and writers
--   hubbub_backup    copies the whole server; the role `backup` alone. 03-backup.sh lets it in (no login without REPLICATION_PASSWORD)
--   hubbub_readonly  reads; for reports and for people (no login until somebody gives it a password)
\set ON_ERROR_STOP on
\getenv app_password POSTGRES_PASSWORD
\getenv migrate_password MIGRATE_PASSWORD
\getenv replication_password REPLICATION_PASSWORD

create role hubbub_migrate login password :'migrate_password';
create role hubbub_app login password :'app_password';
create role hubbub_backup nologin replication;
create role hubbub_readonly nologin;

select :'replication_password' <> '' as may_copy;
\gset
\if :may_copy
alter role hubbub_backup login password :'replication_password';
\endif

create database hubbub owner hubbub_migrate;
revoke all on database hubbub from public;
-- Every database lets everybody in unless it is told otherwise.
revoke connect on database postgres, template1 from public;
grant connect on database hubbub to hubbub_app, hubbub_readonly;

-- A statement that hangs must not hold a connection, or a lock, for ever. Migrations may take long.
alter role hubbub_app set statement_timeout = '30s';
alter role hubbub_app set lock_timeout = '5s';
alter role hubbub_readonly set statement_timeout = '60s';
alter role hubbub_readonly set default_transaction_read_only = on;
