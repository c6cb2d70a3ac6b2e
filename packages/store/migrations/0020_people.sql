CREATE TABLE "hubbub"."drafts" (
	"user_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"text" text NOT NULL,
	"bytes" integer NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "drafts_user_id_room_id_pk" PRIMARY KEY("user_id","room_id")
);
--> statement-breakpoint
ALTER TABLE "hubbub"."profiles" ADD COLUMN "avatar" text;--> statement-breakpoint
ALTER TABLE "hubbub"."drafts" ADD CONSTRAINT "drafts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."drafts" ADD CONSTRAINT "drafts_room_id_rooms_id_fk" FOREIGN KEY ("room_id") REFERENCES "hubbub"."rooms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "drafts_room_idx" ON "hubbub"."drafts" USING btree ("room_id");--> statement-breakpoint
ALTER TABLE "hubbub"."profiles" ADD CONSTRAINT "profiles_avatar_file_contents_hash_fk" FOREIGN KEY ("avatar") REFERENCES "hubbub"."file_contents"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "profiles_avatar_idx" ON "hubbub"."profiles" USING btree ("avatar") WHERE "hubbub"."profiles"."avatar" is not null;