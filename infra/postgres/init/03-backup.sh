#!/bin/sh
# `all` in the pg_hba.conf of the image does not mean replication. Read at the start that follows these scripts.
echo "host replication hubbub_backup all scram-sha-256" >> "$PGDATA/pg_hba.conf"
