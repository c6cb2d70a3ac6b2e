CREATE TABLE "hubbub"."bans" (
	"room_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"by_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"until" timestamp with time zone,
	CONSTRAINT "bans_room_id_user_id_pk" PRIMARY KEY("room_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."blocks" (
	"user_id" uuid NOT NULL,
	"blocked_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "blocks_user_id_blocked_id_pk" PRIMARY KEY("user_id","blocked_id")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."invitations" (
	"room_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"by_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "invitations_room_id_user_id_pk" PRIMARY KEY("room_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."invites" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code_hash" text NOT NULL,
	"room_id" uuid NOT NULL,
	"by_id" uuid NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"uses_left" integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE "hubbub"."files" ADD COLUMN "attached_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "hubbub"."members" ADD COLUMN "joined_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "hubbub"."members" ADD COLUMN "muted_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "hubbub"."rooms" ADD COLUMN "settings" jsonb;--> statement-breakpoint
ALTER TABLE "hubbub"."rooms" ADD COLUMN "direct_key" text;--> statement-breakpoint
ALTER TABLE "hubbub"."bans" ADD CONSTRAINT "bans_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."bans" ADD CONSTRAINT "bans_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."blocks" ADD CONSTRAINT "blocks_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."blocks" ADD CONSTRAINT "blocks_blocked_id_users_id_fk" FOREIGN KEY ("blocked_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."invitations" ADD CONSTRAINT "invitations_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."invitations" ADD CONSTRAINT "invitations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."invitations" ADD CONSTRAINT "invitations_by_id_users_id_fk" FOREIGN KEY ("by_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."invites" ADD CONSTRAINT "invites_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."invites" ADD CONSTRAINT "invites_by_id_users_id_fk" FOREIGN KEY ("by_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "blocks_blocked_idx" ON "hubbub"."blocks" USING btree ("blocked_id");--> statement-breakpoint
CREATE INDEX "invitations_user_idx" ON "hubbub"."invitations" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "invites_code_key" ON "hubbub"."invites" USING btree ("code_hash");--> statement-breakpoint
CREATE INDEX "invites_room_idx" ON "hubbub"."invites" USING btree ("room_id");--> statement-breakpoint
CREATE INDEX "invites_expiry_idx" ON "hubbub"."invites" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "rooms_direct_key" ON "hubbub"."rooms" USING btree ("direct_key") WHERE "hubbub"."rooms"."archived_at" is null;--> statement-breakpoint
CREATE INDEX "rooms_closed_idx" ON "hubbub"."rooms" USING btree ("archived_at") WHERE "hubbub"."rooms"."archived_at" is not null;