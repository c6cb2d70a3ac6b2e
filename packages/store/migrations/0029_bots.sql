CREATE TABLE "hubbub"."bots" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hubbub"."incoming_hooks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"room_id" uuid NOT NULL,
	"bot_id" uuid NOT NULL,
	"secret_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "hubbub"."bots" ADD CONSTRAINT "bots_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."bots" ADD CONSTRAINT "bots_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."incoming_hooks" ADD CONSTRAINT "incoming_hooks_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."incoming_hooks" ADD CONSTRAINT "incoming_hooks_bot_id_bots_user_id_fk" FOREIGN KEY ("bot_id") REFERENCES "hubbub"."bots"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bots_owner_idx" ON "hubbub"."bots" USING btree ("owner_id");--> statement-breakpoint
CREATE INDEX "incoming_hooks_room_idx" ON "hubbub"."incoming_hooks" USING btree ("room_id");--> statement-breakpoint
CREATE INDEX "incoming_hooks_bot_idx" ON "hubbub"."incoming_hooks" USING btree ("bot_id");