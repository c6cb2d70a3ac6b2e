/** The emoji that people type by name, as most chats call them. */
const NAMES =
  "👍 +1 thumbsup|👎 -1 thumbsdown|😀 grinning|😃 smiley|😄 smile|😁 grin|😆 laughing|😅 sweat_smile|🤣 rofl|😂 joy|🙂 slight_smile|🙃 upside_down|😉 wink|😊 blush|😇 innocent|🥰 smiling_hearts|😍 heart_eyes|😘 kissing_heart|😋 yum|😛 tongue|😜 wink_tongue|🤪 zany|🤗 hugging|🤭 hand_over_mouth|🤫 shushing|🤔 thinking|🤐 zipper_mouth|🤨 raised_eyebrow|😐 neutral|😑 expressionless|😶 no_mouth|😏 smirk|😒 unamused|🙄 rolling_eyes|😬 grimacing|😌 relieved|😔 pensive|😪 sleepy|😴 sleeping|😷 mask|🤒 sick|🤕 hurt|🤢 nauseated|🤮 vomiting|🤧 sneezing|🥵 hot|🥶 cold|🥴 woozy|😵 dizzy_face|🤯 exploding_head|🤠 cowboy|🥳 partying|😎 sunglasses|🤓 nerd|🧐 monocle|😕 confused|😟 worried|🙁 frowning|😮 open_mouth|😯 hushed|😲 astonished|😳 flushed|🥺 pleading|😨 fearful|😰 cold_sweat|😢 cry|😭 sob|😱 scream|😖 confounded|😞 disappointed|😓 sweat|😩 weary|😫 tired|🥱 yawning|😤 triumph|😡 rage|😠 angry|🤬 cursing|😈 smiling_imp|💀 skull|💩 poop|🤡 clown|👻 ghost|👽 alien|🤖 robot|🎃 jack_o_lantern|👋 wave|🤚 raised_back|✋ raised_hand|🖖 vulcan|👌 ok_hand|🤌 pinched|✌️ victory|🤞 crossed_fingers|🤟 love_you|🤘 metal|🤙 call_me|👈 point_left|👉 point_right|👆 point_up|👇 point_down|✊ fist|👊 punch|👏 clap|🙌 raised_hands|👐 open_hands|🤝 handshake|🙏 pray thanks|💪 muscle|👀 eyes|🧠 brain|🤷 shrug|🤦 facepalm|🏃 runner|💃 dancer|❤️ heart|🧡 orange_heart|💛 yellow_heart|💚 green_heart|💙 blue_heart|💜 purple_heart|🖤 black_heart|🤍 white_heart|💔 broken_heart|💯 100|💥 boom|💫 dizzy|💦 droplets|💤 zzz|🔥 fire|✨ sparkles|⭐ star|🌟 glowing_star|🎉 tada|🎊 confetti|🎁 gift|🎂 birthday|🏆 trophy|🥇 first_place|🎯 dart|🚀 rocket|✈️ airplane|🚗 car|🚲 bike|🏠 house|⏰ alarm_clock|⌛ hourglass|📅 calendar|📌 pushpin|📎 paperclip|✏️ pencil|📝 memo|📖 book|📦 package|💡 bulb|🔧 wrench|🔨 hammer|🔒 lock|🔑 key|🔔 bell|💻 computer|📱 phone|📷 camera|🎵 music|🎶 notes|☕ coffee|🍵 tea|🍺 beer|🍻 beers|🍷 wine|🍕 pizza|🍔 burger|🍰 cake|🍎 apple|🍌 banana|🍓 strawberry|🌶️ hot_pepper|🐶 dog|🐱 cat|🐭 mouse|🦊 fox|🐻 bear|🐼 panda|🦁 lion|🐸 frog|🐵 monkey|🐔 chicken|🐧 penguin|🦄 unicorn|🐝 bee|🐛 bug|🦋 butterfly|🐢 turtle|🐍 snake|🐙 octopus|🦀 crab|🐳 whale|🌱 seedling|🌲 evergreen|🌹 rose|🌻 sunflower|🌈 rainbow|☀️ sun|🌙 moon|☁️ cloud|⚡ zap|❄️ snowflake|☃️ snowman|🌊 ocean|✅ white_check_mark check|❌ x|❗ exclamation|❓ question|⚠️ warning|🚫 no_entry|♻️ recycle|➕ plus|➖ minus|🏁 checkered_flag|🚩 flag";

const EMOJI: ReadonlyMap<string, string> = new Map(
  NAMES.split("|").flatMap((entry) => {
    const [emoji = "", ...names] = entry.split(" ");
    return names.map((name): [string, string] => [name, emoji]);
  }),
);

/** The emoji of `:name:`; undefined: there is none. */
export function emojiNamed(name: string): string | undefined {
  return EMOJI.get(name.replace(/^:|:$/g, ""));
}

export function emojiNames(): readonly string[] {
  return [...EMOJI.keys()];
}

/** The text with emoji for the names between colons. */
export function withEmoji(text: string): string {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => EMOJI.get(name) ?? whole);
}
