CREATE TABLE "hubbub"."search_documents" (
	"room_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"at" bigint NOT NULL,
	"user_id" uuid NOT NULL,
	"text" text NOT NULL,
	"flags" smallint NOT NULL,
	CONSTRAINT "search_documents_room_id_seq_pk" PRIMARY KEY("room_id","seq")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."search_indexer" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"owner" text,
	"token" bigint DEFAULT 0 NOT NULL,
	"expires_at" timestamp with time zone DEFAULT now() NOT NULL,
	"read_room" uuid DEFAULT '00000000-0000-0000-0000-000000000000',
	"read_seq" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hubbub"."search_journal" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"low" bigint NOT NULL,
	"high" bigint NOT NULL,
	"events" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "search_documents_time_idx" ON "hubbub"."search_documents" USING btree ("room_id","at","seq");--> statement-breakpoint
CREATE INDEX "search_documents_user_idx" ON "hubbub"."search_documents" USING btree ("user_id","at");--> statement-breakpoint
CREATE INDEX "search_documents_pinned_idx" ON "hubbub"."search_documents" USING btree ("room_id","at") WHERE "hubbub"."search_documents"."flags" & 4 <> 0;--> statement-breakpoint
-- By hand from here on, because drizzle-kit knows neither functions nor triggers nor extensions.
-- Without messages of before there is nothing to read but the journal.
INSERT INTO "hubbub"."search_indexer" ("id", "read_room")
	SELECT 1, CASE WHEN EXISTS (SELECT FROM "hubbub"."events") THEN '00000000-0000-0000-0000-000000000000'::uuid END;
--> statement-breakpoint
-- One row for each batch and room, in the transaction of the batch. Builds of before this migration write it too.
CREATE FUNCTION "hubbub"."journal_for_search"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
	INSERT INTO hubbub.search_journal (room_id, low, high, events)
	SELECT room_id, min(seq), max(seq), count(*) FROM added
	WHERE kind IN ('message', 'edit', 'delete', 'pin') GROUP BY room_id;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "events_journal_for_search" AFTER INSERT ON "hubbub"."events"
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "hubbub"."journal_for_search"();
--> statement-breakpoint
-- Adds the extension and the index of trigrams where they are missing. Answers why it cannot, or null.
CREATE FUNCTION "hubbub"."prepare_search"() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	home text;
BEGIN
	CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA hubbub;
	SELECT n.nspname INTO home FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
	EXECUTE format(
		'CREATE INDEX IF NOT EXISTS search_documents_text_idx ON hubbub.search_documents'
		' USING gin (text %I.gin_trgm_ops) WITH (gin_pending_list_limit = 2048)', home);
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;
--> statement-breakpoint
-- A server without the extension runs as before; only search refuses.
DO $$
DECLARE
	refusal text := hubbub.prepare_search();
BEGIN
	IF refusal IS NOT NULL THEN
		RAISE WARNING 'search is not available: %', refusal;
	END IF;
END $$;
