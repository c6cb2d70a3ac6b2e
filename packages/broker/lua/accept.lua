--[[
Takes a batch of events of one shard: recognises what was sent before, numbers the rest, appends it to the log of the
shard and to the tails of the rooms, and publishes it.

KEYS  1              log of the shard (stream; id <ms>-<n>, each field f = frames, one a line; n counts events and is that of
                     the last)
      2              counters of the shard (hash): appended = events ever appended, ms = time part of the newest entry's
                     id, committed = events the writer has committed (trim.lua), born = name of this log (initialise.lua)
      3 … 6          the ids of events by slices of time, each slice's in one of them in turn (hash: event -> "epoch:seq:at")
      7 …            per room: head (hash: epoch, seq, run, durable), tail (stream, id <seq>-0, field f = frames, one a line;
                     seq is that of the last)
ARGV  1              run id of the server that the caller believes to talk to
      2              bound of the backlog: events appended and not yet committed
      3              events that a tail keeps at least
      4              seconds for which a re-sent event is recognised at least: the length of a slice
      5              number of rooms R
      then           per room: id, channel, highest seq that the caller has seen, epoch that it knows (0: none)
      then           per event: index of its room (1 … R), name by which it is recognised, frame behind its head
Returns one answer per event, in order, separated by blanks
      a:epoch:seq:at accepted
      d:epoch:seq:at recognised: these are the numbers it got
      o              overloaded: the backlog is at its bound; so is everything later in the batch that is not recognised
      u:head         uninitialised: the room has no numbering of this run, or one behind the caller's; head = known seq.
      r:epoch        restarted: the room is in another epoch than the caller knows, in this one
                     Both hold for all events of the room in the batch, so the order of a sender is kept.

A call costs as much as several events, and so does each byte of a string that Lua makes, for it hashes them all. So ids are
read and written at once, and log, tail and channel are given the same text: a chunk of what one room got.

Atomicity. Redis runs the script alone and replicates it as one transaction, but does not roll back when it fails. So
everything is read and numbered before anything is written, and the log comes first: what it refuses has left no trace. Behind
it comes what makes those events recognised and their numbers used, whose types were read above. Only a tail may still be of a
wrong type: that is answered when all the rest is done.

A slice lives for two of its lengths, so whoever looks into the present one and the one before finds what is younger than one;
it is gone long before its key is used again. Slices follow the time of the log, which never falls.

A room's time to live begins anew with the first event behind what is committed: marks.lua may have cut that of the tail
short, and the next commit comes long before it is over.

The backlog is appended - committed, exact and without a look at the stream. ms never falls, so ids rise even when the clock
does not.
]]
local LOG, COUNTERS = KEYS[1], KEYS[2]
local run, backlog_max, tail_events, once_seconds = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local room_count = tonumber(ARGV[5])
local FIRST_ONCE_KEY, SLICES = 3, 4
local FIRST_ROOM_KEY = FIRST_ONCE_KEY + SLICES
local FIRST_ROOM_ARG, ROOM_ARGS, EVENT_ARGS = 6, 4, 3
local FIRST_EVENT_ARG = FIRST_ROOM_ARG + ROOM_ARGS * room_count
local ROOM_SECONDS = 2592000
-- Readers ask for so many events and cannot know how many an entry has: they get at most this many times as many.
local ENTRY_LINES, CHUNK_LINES = 32, 16

local function integer(number)
  return string.format('%d', number)
end

local function read_room(index)
  local key = FIRST_ROOM_KEY + 2 * (index - 1)
  local arg = FIRST_ROOM_ARG + ROOM_ARGS * (index - 1)
  local known = redis.call('HMGET', KEYS[key], 'epoch', 'seq', 'run', 'durable')
  local room = {
    head = KEYS[key], tail = KEYS[key + 1], channel = ARGV[arg + 1],
    epoch = known[1], seq = tonumber(known[2] or 0), durable = tonumber(known[4] or 0), pieces = {}, lines = 0,
  }
  room.ready = known[1] and known[3] == run and room.seq >= tonumber(ARGV[arg + 2])
  local expected = ARGV[arg + 3]
  room.restarted = expected ~= '0' and expected ~= known[1]
  room.first = room.seq
  room.text = '{"type":"event","room":"' .. ARGV[arg] .. '","epoch":' .. (known[1] or '') .. ',"seq":'
  room.next_text = '\n' .. room.text
  return room
end

local rooms = {}
for index = 1, room_count do rooms[index] = read_room(index) end

local counters = redis.call('HMGET', COUNTERS, 'appended', 'ms', 'committed')
local appended, committed = tonumber(counters[1] or 0), tonumber(counters[3] or 0)
local time = redis.call('TIME')
local at = time[1] .. string.format('%03d', math.floor(tonumber(time[2]) / 1000))
local log_ms = math.max(tonumber(at), tonumber(counters[2] or 0))

local function once_key(slice)
  return KEYS[FIRST_ONCE_KEY + slice % SLICES]
end
local slice = math.floor(log_ms / 1000 / once_seconds)
local names = {}
for arg = FIRST_EVENT_ARG, #ARGV, EVENT_ARGS do names[#names + 1] = ARGV[arg + 1] end
local present = redis.call('HMGET', once_key(slice), unpack(names))
local before = redis.call('HMGET', once_key(slice - 1), unpack(names))

local chunks = {}
local function close_chunk(room)
  chunks[#chunks + 1] = { room = room, last = integer(room.seq), lines = room.lines, text = table.concat(room.pieces) }
  room.pieces, room.lines = {}, 0
end

local claims, claimed, answers, taken = {}, {}, {}, 0
local head_end = ',"at":' .. at
local function take(room, name, body)
  taken = taken + 1
  room.seq = room.seq + 1
  local seq = integer(room.seq)
  local numbers = room.epoch .. ':' .. seq .. ':' .. at
  claims[#claims + 1] = name
  claims[#claims + 1] = numbers
  claimed[name] = numbers

  local pieces, size = room.pieces, #room.pieces
  pieces[size + 1] = size == 0 and room.text or room.next_text
  pieces[size + 2], pieces[size + 3], pieces[size + 4] = seq, head_end, body
  room.lines = room.lines + 1
  if room.lines == CHUNK_LINES then close_chunk(room) end
  return 'a:' .. numbers
end

for index, name in ipairs(names) do
  local arg = FIRST_EVENT_ARG + EVENT_ARGS * (index - 1)
  local room = rooms[tonumber(ARGV[arg])]
  local earlier = present[index] or before[index] or claimed[name]
  if not room.ready then
    answers[index] = 'u:' .. integer(room.seq)
  elseif room.restarted then
    answers[index] = 'r:' .. room.epoch
  elseif earlier then
    answers[index] = 'd:' .. earlier
  elseif appended + taken - committed >= backlog_max then
    answers[index] = 'o'
  else
    answers[index] = take(room, name, ARGV[arg + 2])
  end
end
if taken == 0 then return table.concat(answers, ' ') end
for _, room in ipairs(rooms) do
  if room.lines > 0 then close_chunk(room) end
end

local entry, entry_lines = {}, 0
local function append_entry()
  appended = appended + entry_lines
  redis.call('XADD', LOG, integer(log_ms) .. '-' .. integer(appended), unpack(entry))
  entry, entry_lines = {}, 0
end
for _, chunk in ipairs(chunks) do
  if entry_lines + chunk.lines > ENTRY_LINES then append_entry() end
  entry[#entry + 1] = 'f'
  entry[#entry + 1] = chunk.text
  entry_lines = entry_lines + chunk.lines
end
append_entry()

redis.call('HSET', once_key(slice), unpack(claims))
redis.call('EXPIRE', once_key(slice), 2 * once_seconds, 'NX')
redis.call('HSET', COUNTERS, 'appended', integer(appended), 'ms', integer(log_ms))

local fault
for _, chunk in ipairs(chunks) do
  local room, id, added = chunk.room, chunk.last .. '-0', nil
  local keep_from = math.min(room.durable + 1, room.seq + 1 - tail_events)
  if keep_from > 1 then
    added = redis.pcall('XADD', room.tail, 'MINID', '~', integer(keep_from), id, 'f', chunk.text)
  else
    added = redis.pcall('XADD', room.tail, id, 'f', chunk.text)
  end
  if added.err then fault = added end
end
for _, room in ipairs(rooms) do
  if room.seq > room.first then
    redis.call('HSET', room.head, 'seq', integer(room.seq))
    if room.durable >= room.first then
      redis.call('EXPIRE', room.head, ROOM_SECONDS)
      redis.call('EXPIRE', room.tail, ROOM_SECONDS)
    end
  end
end
for _, chunk in ipairs(chunks) do redis.call('PUBLISH', chunk.room.channel, chunk.text) end
return fault or table.concat(answers, ' ')
