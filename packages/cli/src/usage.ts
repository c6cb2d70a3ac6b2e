export const USAGE = `hubbub: chat in the terminal

  hubbub signup NAME                    create an account and log in
  hubbub login NAME                     log in
  hubbub logout                         end the login
  hubbub rooms                          list rooms
  hubbub create ROOM [--private]        create a room
  hubbub chat ROOM [--create]           chat; .usage lists its commands
  hubbub send ROOM TEXT…                send one message; without TEXT each line of stdin
  hubbub tail ROOM [--json] [--since N] follow a room; --json: one event per line
  hubbub search QUERY [--json]          search your rooms: 'tea "green tea" -milk from:ada in:kitchen
                                        after:2026-01-31 has:link is:pinned'; newest first
  hubbub members ROOM                   list members with their roles
  hubbub invite ROOM NAME               for owners: add a user
  hubbub owner ROOM NAME                for owners: make a member an owner; member reverses it
  hubbub remove ROOM NAME               for owners: remove a member
  hubbub report ROOM N [--reason spam|abuse|illegal|other] [TEXT…]
                                        report message N to the moderators
  hubbub reports ROOM [--json]          for moderators: reports that wait, with the messages around
  hubbub resolve ROOM REPORT dismissed|acted [NOTE…]
                                        for moderators: close a report
  hubbub audit ROOM [--json]            for moderators: who did what in the room
  hubbub avatar FILE | --remove         set your picture, or remove it
  hubbub export FILE.zip                save everything that is about you; again to go on with a download
  hubbub leave ROOM [--close]           leave; --close: the last member closes the room permanently

Options
  --server URL      default http://127.0.0.1:8080, or HUBBUB_SERVER
  --guest [NAME]    chat, send and tail without an account; NAME comes after the room's name
  --password-stdin  read the password from stdin; or set HUBBUB_PASSWORD. With a second factor,
                    HUBBUB_CODE has the code where there is no terminal to ask
  --                end of options: hubbub send ROOM -- --text; one dash needs no --
  --help, --version

For operators, on the Redis and Postgres of the environment: migrate, adopt, keys, verify, sessions,
dead-letters, search-index, erase, admin. hubbub verify --help describes them.

ROOM is a name or an id. Exit codes: 0 ok, also when Ctrl-C ends chat or tail or the output is
closed; 1 failure, also when a message got no ack; 2 usage; 129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM
before completion.
`;

export const CHAT_USAGE = `  .usage             this help
  .members           members with their roles
  .history [N]       the last N messages
  .reply [#N] TEXT   answer message N; without N the newest of others
  .react [#N] EMOJI  put an emoji on it, or take it back
  .edit [#N] TEXT    change your message N; without N your newest
  .delete [#N]       delete it
  .upload PATH       send a file
  .rooms             list rooms
  .join ROOM         switch to another room
  .leave             leave the room permanently
  .quit              quit, like Ctrl-C; Ctrl-Z stops, fg continues
For owners
  .invite NAME       add a user
  .owner NAME        make a member an owner; to hand over, then .leave
  .member NAME       make an owner a member
  .remove NAME       remove a member
  .close             the last member closes the room permanently
Everything else is sent. Start with a space to send a line that begins with a dot.
A paste waits for Enter, is sent as one message with its line breaks, and is
never a command.`;
