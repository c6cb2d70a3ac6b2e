-- A contract: builds before 0022_search_journal neither journal without the trigger nor read rows with arrays.
DROP TRIGGER "events_journal_for_search" ON "hubbub"."events";--> statement-breakpoint
DROP FUNCTION "hubbub"."journal_for_search"();--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal" DROP COLUMN "room_id";--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal" DROP COLUMN "low";--> statement-breakpoint
ALTER TABLE "hubbub"."search_journal" DROP COLUMN "high";--> statement-breakpoint
UPDATE "hubbub"."cluster" SET "schema_floor" = 1795764358487;
