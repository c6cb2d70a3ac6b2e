export const USAGE = `hubbub: chat from the terminal

  hubbub signup NAME                    make an account and log in
  hubbub login NAME                     log in
  hubbub logout                         end the login
  hubbub rooms                          list rooms
  hubbub create ROOM [--private]        make a room
  hubbub chat ROOM [--create]           talk; .usage there shows its commands
  hubbub send ROOM TEXT…                send one message; without TEXT each line of stdin
  hubbub tail ROOM [--json] [--since N] follow a room; --json: one event per line
  hubbub members ROOM                   list members with their roles
  hubbub invite ROOM NAME               for owners: bring somebody in
  hubbub owner ROOM NAME                for owners: make a member an owner too; member takes it back
  hubbub remove ROOM NAME               for owners: remove a member
  hubbub leave ROOM [--close]           leave; --close: the last member closes the room for good

Options
  --server URL      default http://127.0.0.1:8080, or HUBBUB_SERVER
  --guest [NAME]    chat, send and tail without an account; NAME is taken from behind the room's name
  --password-stdin  read the password from stdin; or set HUBBUB_PASSWORD
  --                what follows is no option: hubbub send ROOM -- --text; one dash needs no --
  --help, --version

For operators, on the Redis and Postgres that the environment names: migrate, adopt, keys, verify, sessions,
dead-letters. hubbub verify --help describes them.

ROOM is a name or an id. Exit codes: 0 ok, also when Ctrl-C ends chat or tail or the reader of the output is
gone; 1 failure, also when a message got no ack; 2 usage; 129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM
before it was done.
`;

export const CHAT_USAGE = `  .usage         this help
  .members       who is in the room, with roles
  .history [N]   the last N messages
  .rooms         rooms there are
  .join ROOM     go to another room
  .leave         leave the room for good
  .quit          end, as does Ctrl-C; Ctrl-Z stops, fg goes on
For owners
  .invite NAME   bring somebody in
  .owner NAME    make a member an owner too; hand over with this, then .leave
  .member NAME   make an owner a member
  .remove NAME   remove a member
  .close         the last member closes the room for good
Everything else is sent. Start with a space to send a line that begins with a dot.
A paste waits for Enter, goes out as one message with its line breaks, and is
never a command.`;
