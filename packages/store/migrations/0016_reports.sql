CREATE TABLE "hubbub"."reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"is_direct" boolean NOT NULL,
	"seq" bigint NOT NULL,
	"reporter_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"text" text,
	"author_id" uuid NOT NULL,
	"message" text,
	"message_at" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"closed_at" timestamp with time zone,
	"closed_by" text,
	"note" text
);
--> statement-breakpoint
CREATE UNIQUE INDEX "reports_message_key" ON "hubbub"."reports" USING btree ("room_id","seq","reporter_id");--> statement-breakpoint
CREATE INDEX "reports_queue_idx" ON "hubbub"."reports" USING btree ("room_id","state","id");--> statement-breakpoint
CREATE INDEX "reports_state_idx" ON "hubbub"."reports" USING btree ("state","is_direct","id");--> statement-breakpoint
CREATE INDEX "reports_reporter_idx" ON "hubbub"."reports" USING btree ("reporter_id");--> statement-breakpoint
CREATE INDEX "reports_author_idx" ON "hubbub"."reports" USING btree ("author_id");--> statement-breakpoint
CREATE INDEX "reports_note_idx" ON "hubbub"."reports" USING btree ("closed_by") WHERE "hubbub"."reports"."note" is not null;--> statement-breakpoint
CREATE INDEX "reports_closed_idx" ON "hubbub"."reports" USING btree ("closed_at") WHERE "hubbub"."reports"."closed_at" is not null;