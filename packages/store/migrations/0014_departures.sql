ALTER TABLE "hubbub"."departures" ADD COLUMN "muted_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "hubbub"."departures" ADD COLUMN "was_guest" boolean DEFAULT false NOT NULL;