CREATE TABLE "hubbub"."room_preferences" (
	"user_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"level" text NOT NULL,
	"is_starred" boolean NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "room_preferences_user_id_room_id_pk" PRIMARY KEY("user_id","room_id")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."user_status" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"is_away" boolean NOT NULL,
	"emoji" text,
	"text" text,
	"expires_at" timestamp with time zone,
	"hides_last_seen" boolean NOT NULL
);
--> statement-breakpoint
ALTER TABLE "hubbub"."members" ADD COLUMN "last_read_at" timestamp with time zone;--> statement-breakpoint
-- Written by hand from here on:
--   * preferences and statuses go with their room and user;
--   * what was in a room before somebody joined it is not unread, and of members that there are, everything is read.
ALTER TABLE "hubbub"."room_preferences" ADD CONSTRAINT "room_preferences_room_id_fk" FOREIGN KEY ("room_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade;--> statement-breakpoint
ALTER TABLE "hubbub"."room_preferences" ADD CONSTRAINT "room_preferences_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade;--> statement-breakpoint
CREATE INDEX "room_preferences_room_idx" ON "hubbub"."room_preferences" USING btree ("room_id");--> statement-breakpoint
ALTER TABLE "hubbub"."user_status" ADD CONSTRAINT "user_status_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade;--> statement-breakpoint
CREATE FUNCTION "hubbub"."read_before_joining"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW."last_read_seq" := greatest(NEW."last_read_seq", coalesce(
		(SELECT "seq" FROM "hubbub"."events" WHERE "room_id" = NEW."room_id" ORDER BY "seq" DESC LIMIT 1), 0));
	RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER "members_read_before_joining" BEFORE INSERT ON "hubbub"."members"
FOR EACH ROW EXECUTE FUNCTION "hubbub"."read_before_joining"();--> statement-breakpoint
UPDATE "hubbub"."members" m SET "last_read_seq" = newest."seq"
FROM "hubbub"."rooms" r, LATERAL (SELECT "seq" FROM "hubbub"."events" e WHERE e."room_id" = r."id" ORDER BY "seq" DESC LIMIT 1) newest
WHERE m."room_id" = r."id" AND m."last_read_seq" < newest."seq";
