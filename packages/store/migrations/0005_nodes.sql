CREATE TABLE "hubbub"."nodes" (
	"name" text PRIMARY KEY NOT NULL,
	"roles" text NOT NULL,
	"build" text NOT NULL,
	"knows" bigint NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
-- By hand: builds of before 0003_rooms insert rooms without a key of their name, and run until they are replaced. As roomNameKey,
-- but lower() leaves capitals beyond ASCII where the locale of the database is C.
CREATE FUNCTION "hubbub"."set_room_name_key"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW."name_key" := translate(
		btrim(regexp_replace(lower(normalize(
			regexp_replace(NEW."name", '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]', '', 'g'),
		NFKC)), '\s+', ' ', 'g')),
		'аеорсухіјѕԁһοαρνАЕОРСУХІЈЅԀҺΟΑΡΝ', 'aeopcyxijsdhoapvaeopcyxijsdhoapv'
	);
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "rooms_name_key" BEFORE INSERT ON "hubbub"."rooms"
	FOR EACH ROW WHEN (NEW."name_key" IS NULL) EXECUTE FUNCTION "hubbub"."set_room_name_key"();
