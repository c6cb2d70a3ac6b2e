CREATE TABLE "hubbub"."untold_changes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"user_id" uuid
);
--> statement-breakpoint
ALTER TABLE "hubbub"."files" ADD COLUMN "sent_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "files_unsent_idx" ON "hubbub"."files" USING btree (coalesce("attached_at", "created_at")) WHERE "hubbub"."files"."event_id" is not null and "hubbub"."files"."sent_at" is null and "hubbub"."files"."released_at" is null;--> statement-breakpoint
CREATE INDEX "dead_letters_room_idx" ON "hubbub"."dead_letters" USING btree ("room_id");--> statement-breakpoint
CREATE INDEX "events_files_idx" ON "hubbub"."events" USING btree ("room_id","user_id","event_id") WHERE "hubbub"."events"."extra" ? 'files';--> statement-breakpoint
CREATE FUNCTION "hubbub"."note_member_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- All know already of a room that is closed.
	INSERT INTO "hubbub"."untold_changes" ("room_id", "user_id")
	SELECT OLD."room_id", OLD."user_id" FROM "hubbub"."rooms" WHERE "id" = OLD."room_id" AND "archived_at" IS NULL;
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE FUNCTION "hubbub"."note_room_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "hubbub"."untold_changes" ("room_id") VALUES (NEW."id");
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE FUNCTION "hubbub"."note_block_change"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	changed "hubbub"."blocks";
BEGIN
	IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
	INSERT INTO "hubbub"."untold_changes" ("room_id", "user_id")
	SELECT other."room_id", other."user_id" FROM "hubbub"."members" one
	JOIN "hubbub"."members" other ON other."room_id" = one."room_id" AND other."user_id" = changed."blocked_id"
	JOIN "hubbub"."rooms" r ON r."id" = one."room_id" AND r."visibility" = 'direct' AND r."archived_at" IS NULL
	WHERE one."user_id" = changed."user_id";
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "members_note_change" AFTER UPDATE OF "role", "muted_until" ON "hubbub"."members" FOR EACH ROW
WHEN (OLD."role" IS DISTINCT FROM NEW."role" OR OLD."muted_until" IS DISTINCT FROM NEW."muted_until")
EXECUTE FUNCTION "hubbub"."note_member_change"();--> statement-breakpoint
CREATE TRIGGER "members_note_leave" AFTER DELETE ON "hubbub"."members" FOR EACH ROW
EXECUTE FUNCTION "hubbub"."note_member_change"();--> statement-breakpoint
CREATE TRIGGER "rooms_note_change" AFTER UPDATE OF "settings", "archived_at" ON "hubbub"."rooms" FOR EACH ROW
WHEN (OLD."settings" IS DISTINCT FROM NEW."settings" OR OLD."archived_at" IS DISTINCT FROM NEW."archived_at")
EXECUTE FUNCTION "hubbub"."note_room_change"();--> statement-breakpoint
CREATE TRIGGER "blocks_note_change" AFTER INSERT OR DELETE ON "hubbub"."blocks" FOR EACH ROW
EXECUTE FUNCTION "hubbub"."note_block_change"();
