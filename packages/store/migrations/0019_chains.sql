CREATE TABLE "hubbub"."chain_links" (
	"room_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"salt" text,
	"commitment" text,
	"link" text NOT NULL,
	CONSTRAINT "chain_links_room_id_seq_pk" PRIMARY KEY("room_id","seq")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."room_chains" (
	"room_id" uuid PRIMARY KEY NOT NULL,
	"begun_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seq" bigint NOT NULL,
	"link" text NOT NULL
);
--> statement-breakpoint
CREATE FUNCTION "hubbub"."forget_salt"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- Without its salt the commitment tells nothing of the text.
	UPDATE "hubbub"."chain_links" SET "salt" = NULL WHERE "room_id" = NEW."room_id" AND "seq" = NEW."seq";
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "events_forget_salt" AFTER UPDATE OF "text" ON "hubbub"."events" FOR EACH ROW
	WHEN (OLD."text" IS NOT NULL AND NEW."text" IS NULL) EXECUTE FUNCTION "hubbub"."forget_salt"();
