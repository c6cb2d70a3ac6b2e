#!/bin/sh
# Runs once, on the first leader, before it serves: the roles and the database of init/, which Patroni does not know.
# Passwords as in docker-compose.yml: POSTGRES_PASSWORD, MIGRATE_PASSWORD, REPLICATION_PASSWORD.
set -eu
here=${HUBBUB_INIT:-/docker-entrypoint-initdb.d}
exec psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -f "$here/01-roles.sql" -f "$here/02-schema.sql" "$1"
