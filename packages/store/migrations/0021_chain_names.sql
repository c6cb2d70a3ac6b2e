ALTER TABLE "hubbub"."chain_links" ADD COLUMN "sealed_as" jsonb;--> statement-breakpoint
CREATE FUNCTION "hubbub"."keep_sealed_names"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- The link of a sealed event covers what it named then.
	UPDATE "hubbub"."chain_links" SET "sealed_as" = jsonb_build_object('target', OLD."target", 'replyTo', OLD."reply_to")
	WHERE "room_id" = NEW."room_id" AND "seq" = NEW."seq" AND "sealed_as" IS NULL;
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "events_keep_sealed_names" AFTER UPDATE OF "target", "reply_to" ON "hubbub"."events" FOR EACH ROW
	WHEN (OLD."target" IS DISTINCT FROM NEW."target" OR OLD."reply_to" IS DISTINCT FROM NEW."reply_to")
	EXECUTE FUNCTION "hubbub"."keep_sealed_names"();
