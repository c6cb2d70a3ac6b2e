CREATE TABLE "hubbub"."flow_sources" (
	"room_id" uuid PRIMARY KEY NOT NULL,
	"owner" text,
	"token" bigint DEFAULT 0 NOT NULL,
	"expires_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seq" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hubbub"."room_models" (
	"room_id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"fields" jsonb NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hubbub"."standing_queries" (
	"room_id" uuid PRIMARY KEY NOT NULL,
	"source_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"model_version" integer NOT NULL,
	"filter" jsonb NOT NULL,
	"since_seq" bigint NOT NULL,
	"told_seq" bigint,
	"wanted_until" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "hubbub"."flow_sources" ADD CONSTRAINT "flow_sources_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."room_models" ADD CONSTRAINT "room_models_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."standing_queries" ADD CONSTRAINT "standing_queries_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."standing_queries" ADD CONSTRAINT "standing_queries_source_id_rooms_id_fk" FOREIGN KEY ("source_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "standing_queries_hash_key" ON "hubbub"."standing_queries" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "standing_queries_source_idx" ON "hubbub"."standing_queries" USING btree ("source_id","wanted_until");--> statement-breakpoint
CREATE INDEX "standing_queries_wanted_idx" ON "hubbub"."standing_queries" USING btree ("wanted_until");--> statement-breakpoint
-- Derived rooms are closed and opened with their source. They have no derived rooms of their own.
CREATE FUNCTION "hubbub"."close_derived_rooms"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE "hubbub"."rooms" SET "archived_at" = NEW."archived_at"
	WHERE "id" IN (SELECT "room_id" FROM "hubbub"."standing_queries" WHERE "source_id" = NEW."id");
	RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "rooms_close_derived" AFTER UPDATE OF "archived_at" ON "hubbub"."rooms" FOR EACH ROW
WHEN (OLD."archived_at" IS DISTINCT FROM NEW."archived_at")
EXECUTE FUNCTION "hubbub"."close_derived_rooms"();--> statement-breakpoint
-- Who leaves a source reads its derived rooms no more.
CREATE OR REPLACE FUNCTION "hubbub"."note_member_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- All know already of a room that is closed.
	INSERT INTO "hubbub"."untold_changes" ("room_id", "user_id")
	SELECT OLD."room_id", OLD."user_id" FROM "hubbub"."rooms" WHERE "id" = OLD."room_id" AND "archived_at" IS NULL;
	IF TG_OP = 'DELETE' THEN
		INSERT INTO "hubbub"."untold_changes" ("room_id", "user_id")
		SELECT "room_id", OLD."user_id" FROM "hubbub"."standing_queries" WHERE "source_id" = OLD."room_id";
	END IF;
	RETURN NULL;
END $$;
