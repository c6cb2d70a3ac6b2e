-- The password in the environment of this container opens no superuser: that one has only the local socket. Last, because the scripts
-- before it may connect with it.
\set ON_ERROR_STOP on
alter role postgres password null;
