-- No row comes between the change of the rows and that of the function that writes them.
LOCK TABLE "hubbub"."events" IN SHARE ROW EXCLUSIVE MODE;--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal" ALTER COLUMN "room_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal" ALTER COLUMN "low" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal" ALTER COLUMN "high" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal" ADD COLUMN "rooms" uuid[];--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal" ADD COLUMN "lows" bigint[];--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal" ADD COLUMN "highs" bigint[];--> statement-breakpoint
UPDATE "hubbub"."search_journal" SET "rooms" = ARRAY["room_id"], "lows" = ARRAY["low"], "highs" = ARRAY["high"];--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal"
	ALTER COLUMN "rooms" SET NOT NULL, ALTER COLUMN "lows" SET NOT NULL, ALTER COLUMN "highs" SET NOT NULL,
	ALTER COLUMN "rooms" SET STORAGE EXTERNAL, ALTER COLUMN "lows" SET STORAGE EXTERNAL, ALTER COLUMN "highs" SET STORAGE EXTERNAL;
--> statement-breakpoint
-- Builds from this migration on insert a row with arrays for each batch. The trigger stays until the contract, for both sides of
-- an upgrade: it journals what older builds store, and older builds index what it journals. They delete rows without
-- `room_id` unread, which loses nothing, because the trigger has journaled those events, too.
CREATE OR REPLACE FUNCTION "hubbub"."journal_for_search"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
	INSERT INTO hubbub.search_journal (room_id, low, high, rooms, lows, highs, events)
	SELECT room_id, min(seq), max(seq), ARRAY[room_id], ARRAY[min(seq)], ARRAY[max(seq)], count(*) FROM added
	WHERE kind IN ('message', 'edit', 'delete', 'pin') GROUP BY room_id;
	RETURN NULL;
END $$;
