-- A UUID v7 by the clock of the database, so that entries of all processes have one order.
CREATE FUNCTION "hubbub"."audit_id"() RETURNS uuid LANGUAGE sql VOLATILE AS $$
	-- The 12 bits behind the version hold the fraction of the millisecond: entries of one millisecond have an order too.
	SELECT encode(set_byte(
		overlay(overlay(r PLACING substring(int8send(us / 1000) FROM 3) FROM 1 FOR 6)
			PLACING int2send((28672 + (us % 1000) * 4096 / 1000)::smallint) FROM 7 FOR 2),
		8, (get_byte(r, 8) & 63) | 128), 'hex')::uuid
	FROM (SELECT uuid_send(gen_random_uuid()) AS r, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) AS random
$$;--> statement-breakpoint
CREATE TABLE "hubbub"."server_roles" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"granted_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hubbub"."suspensions" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "hubbub"."audit" (
	"id" uuid PRIMARY KEY DEFAULT hubbub.audit_id() NOT NULL,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"actor" text NOT NULL,
	"act" text NOT NULL,
	"subject_id" uuid,
	"room_id" uuid,
	"seq" bigint,
	"address" text,
	"outcome" text DEFAULT 'done' NOT NULL,
	"details" jsonb,
	"note" text
);
--> statement-breakpoint
CREATE TABLE "hubbub"."reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"is_direct" boolean NOT NULL,
	"seq" bigint NOT NULL,
	"reporter_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"text" text,
	"author_id" uuid NOT NULL,
	"message" text,
	"message_at" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"closed_at" timestamp with time zone,
	"closed_by" text,
	"note" text
);
--> statement-breakpoint
ALTER TABLE "hubbub"."server_roles" ADD CONSTRAINT "server_roles_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."suspensions" ADD CONSTRAINT "suspensions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_room_idx" ON "hubbub"."audit" USING btree ("room_id","id") WHERE "hubbub"."audit"."room_id" is not null;--> statement-breakpoint
CREATE INDEX "audit_actor_idx" ON "hubbub"."audit" USING btree ("actor","id");--> statement-breakpoint
CREATE INDEX "audit_subject_idx" ON "hubbub"."audit" USING btree ("subject_id","id") WHERE "hubbub"."audit"."subject_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "reports_message_key" ON "hubbub"."reports" USING btree ("room_id","seq","reporter_id");--> statement-breakpoint
CREATE INDEX "reports_queue_idx" ON "hubbub"."reports" USING btree ("room_id","state","id");--> statement-breakpoint
CREATE INDEX "reports_state_idx" ON "hubbub"."reports" USING btree ("state","is_direct","id");--> statement-breakpoint
CREATE INDEX "reports_reporter_idx" ON "hubbub"."reports" USING btree ("reporter_id");--> statement-breakpoint
CREATE INDEX "reports_author_idx" ON "hubbub"."reports" USING btree ("author_id");--> statement-breakpoint
CREATE INDEX "reports_note_idx" ON "hubbub"."reports" USING btree ("closed_by") WHERE "hubbub"."reports"."note" is not null;--> statement-breakpoint
CREATE INDEX "reports_closed_idx" ON "hubbub"."reports" USING btree ("closed_at") WHERE "hubbub"."reports"."closed_at" is not null;--> statement-breakpoint
-- Rows are only added. Two functions are let through: one deletes old rows, one empties what is personal of erased users.
-- Both name themselves in "hubbub.audit_path", and what they may change is checked here too.
CREATE FUNCTION "hubbub"."audit_guard"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	path text := coalesce(current_setting('hubbub.audit_path', true), '');
BEGIN
	IF TG_OP = 'DELETE' AND path = 'expire' AND OLD.at < clock_timestamp() - interval '1 day' THEN
		RETURN OLD;
	END IF;
	IF TG_OP = 'UPDATE' AND path = 'forget' AND NEW.note IS NULL AND (NEW.address IS NULL OR NEW.address = OLD.address)
		AND (NEW.id, NEW.at, NEW.actor, NEW.act, NEW.subject_id, NEW.room_id, NEW.seq, NEW.outcome, NEW.details)
			IS NOT DISTINCT FROM
			(OLD.id, OLD.at, OLD.actor, OLD.act, OLD.subject_id, OLD.room_id, OLD.seq, OLD.outcome, OLD.details) THEN
		RETURN NEW;
	END IF;
	RAISE EXCEPTION 'hubbub.audit is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;--> statement-breakpoint
CREATE TRIGGER "audit_append_only" BEFORE UPDATE OR DELETE ON "hubbub"."audit" FOR EACH ROW EXECUTE FUNCTION "hubbub"."audit_guard"();--> statement-breakpoint
CREATE TRIGGER "audit_no_truncate" BEFORE TRUNCATE ON "hubbub"."audit" FOR EACH STATEMENT EXECUTE FUNCTION "hubbub"."audit_guard"();--> statement-breakpoint
-- With the rights of its owner, so that the role of the processes needs none to delete. Answers how many rows went.
CREATE FUNCTION "hubbub"."audit_expire"("before" timestamptz, "max_rows" integer) RETURNS integer LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	deleted integer;
BEGIN
	PERFORM set_config('hubbub.audit_path', 'expire', true);
	WITH old AS (
		-- Ids rise with time: the primary key finds the oldest rows. A minute covers what id and time may be apart.
		SELECT id FROM hubbub.audit
		WHERE at < least("before", now() - interval '1 day')
			AND id < rpad(encode(substring(int8send((extract(epoch FROM
				least("before", now() - interval '1 day') + interval '1 minute') * 1000)::bigint) FROM 3), 'hex'), 32, '0')::uuid
		ORDER BY id LIMIT "max_rows" FOR UPDATE SKIP LOCKED
	), gone AS (
		DELETE FROM hubbub.audit WHERE id IN (SELECT id FROM old) RETURNING 1
	)
	SELECT count(*)::integer FROM gone INTO deleted;
	PERFORM set_config('hubbub.audit_path', '', true);
	RETURN deleted;
END $$;--> statement-breakpoint
-- Of a user whose erasure is noted: ids and acts stay, texts and addresses go. Answers how many rows were changed.
CREATE FUNCTION "hubbub"."audit_forget"("erased" uuid, "max_rows" integer) RETURNS integer LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	emptied integer;
BEGIN
	PERFORM set_config('hubbub.audit_path', 'forget', true);
	WITH named AS (
		(SELECT id FROM hubbub.audit WHERE actor = "erased"::text AND (note IS NOT NULL OR address IS NOT NULL)
			AND EXISTS (SELECT FROM hubbub.erasures WHERE user_id = "erased") LIMIT "max_rows")
		UNION
		(SELECT id FROM hubbub.audit WHERE subject_id = "erased" AND (note IS NOT NULL OR (address IS NOT NULL AND actor = 'unknown'))
			AND EXISTS (SELECT FROM hubbub.erasures WHERE user_id = "erased") LIMIT "max_rows")
	), changed AS (
		UPDATE hubbub.audit SET note = NULL, address = CASE WHEN actor IN ("erased"::text, 'unknown') THEN NULL ELSE address END
		WHERE id IN (SELECT id FROM named) RETURNING 1
	)
	SELECT count(*)::integer FROM changed INTO emptied;
	PERFORM set_config('hubbub.audit_path', '', true);
	RETURN emptied;
END $$;--> statement-breakpoint
REVOKE ALL ON FUNCTION "hubbub"."audit_expire"(timestamptz, integer), "hubbub"."audit_forget"(uuid, integer) FROM PUBLIC;--> statement-breakpoint
-- Roles that default privileges let write may add and read here, and call the two functions. The owner keeps all rights.
DO $$
DECLARE
	writer text;
BEGIN
	FOR writer IN
		SELECT DISTINCT quote_ident(r.rolname)
		FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
		WHERE c.oid = 'hubbub.audit'::regclass AND a.grantee <> c.relowner AND a.privilege_type IN ('UPDATE', 'DELETE')
	LOOP
		EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON hubbub.audit FROM %s', writer);
		EXECUTE format('GRANT EXECUTE ON FUNCTION hubbub.audit_expire(timestamptz, integer) TO %s', writer);
		EXECUTE format('GRANT EXECUTE ON FUNCTION hubbub.audit_forget(uuid, integer) TO %s', writer);
	END LOOP;
END $$;
