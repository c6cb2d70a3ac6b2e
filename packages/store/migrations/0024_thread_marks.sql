ALTER TABLE "hubbub"."thread_follows" ADD COLUMN "read_seq" bigint;--> statement-breakpoint
-- What was there before there were marks is no news.
UPDATE "hubbub"."thread_follows" f SET "read_seq" = s."last_reply_seq" FROM "hubbub"."message_state" s
	WHERE s."room_id" = f."room_id" AND s."seq" = f."seq";
