CREATE TABLE "hubbub"."file_contents" (
	"hash" text PRIMARY KEY NOT NULL,
	"taken_at" timestamp with time zone DEFAULT now() NOT NULL,
	"orphaned_at" timestamp with time zone,
	"removing_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "hubbub"."file_usage" (
	"owner" uuid PRIMARY KEY NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "file_usage_positive" CHECK ("hubbub"."file_usage"."bytes" >= 0)
);
--> statement-breakpoint
CREATE TABLE "hubbub"."files" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"upload_id" text NOT NULL,
	"hash" text NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"bytes" bigint NOT NULL,
	"cost" bigint NOT NULL,
	"width" integer,
	"height" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"stored_at" timestamp with time zone,
	"event_id" text,
	"released_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "hubbub"."files" ADD CONSTRAINT "files_hash_file_contents_hash_fk" FOREIGN KEY ("hash") REFERENCES "hubbub"."file_contents"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "file_contents_orphans_idx" ON "hubbub"."file_contents" USING btree ("orphaned_at") WHERE "hubbub"."file_contents"."orphaned_at" is not null;--> statement-breakpoint
CREATE INDEX "file_usage_empty_idx" ON "hubbub"."file_usage" USING btree ("owner") WHERE "hubbub"."file_usage"."bytes" = 0;--> statement-breakpoint
CREATE UNIQUE INDEX "files_upload_key" ON "hubbub"."files" USING btree ("user_id","room_id","upload_id");--> statement-breakpoint
CREATE INDEX "files_hash_idx" ON "hubbub"."files" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "files_event_idx" ON "hubbub"."files" USING btree ("room_id","user_id","event_id") WHERE "hubbub"."files"."event_id" is not null;--> statement-breakpoint
CREATE INDEX "files_unused_idx" ON "hubbub"."files" USING btree ("created_at") WHERE "hubbub"."files"."event_id" is null;--> statement-breakpoint
CREATE INDEX "files_released_idx" ON "hubbub"."files" USING btree ("released_at") WHERE "hubbub"."files"."released_at" is not null;