--[[
Takes a batch of events of one shard: recognises what was sent before, numbers the rest, appends it to the log of the
shard and to the tails of the rooms, and publishes it.

KEYS  1              log of the shard (stream; id <ms>-<n>, each field f = frames, one a line; n counts events and is that of
                     the last; field b = bytes ever appended, up to the end of this entry)
      2              counters of the shard (hash): appended = events ever appended, bytes = of their frames, ms = time part
                     of the newest entry's id, committed, committed_bytes = what the writer has committed of both
                     (trim.lua), born = name of this log (initialise.lua), over = the generation that has taken this one's place
      3 … 6          the ids of events by slices of time, each slice's in one of them in turn (hash: event -> "epoch:seq:at")
      7 …            per room: head (hash: epoch, seq, run, durable, kept), tail (stream, id <seq>-0, field f = frames, one a
                     line; seq is that of the last)
ARGV  1              run id of the server that the caller believes to talk to
      2, 3           bounds of the backlog: events and bytes appended and not yet committed
      4, 5           events that a tail keeps at least, unless they have more than this many bytes
      6              seconds for which a re-sent event is recognised at least: the length of a slice
      7              number of rooms R
      then           per room: id, channel, highest seq that the caller has seen, epoch that it knows (0: none)
      then           per event: index of its room (1 … R), name by which it is recognised, frame behind its head
Returns one answer per event, in order, separated by blanks
      a:epoch:seq:at accepted
      d:epoch:seq:at recognised: these are the numbers it got
      o              overloaded: the backlog is at its bound; so is everything later in the batch that is not recognised
      u:head         uninitialised: the room has no numbering of this run, or one behind the caller's; head = known seq.
      r:epoch        restarted: the room is in another epoch than the caller knows, in this one
Fails with OVER when the cluster goes on in a later generation: no writer reads this log any more.
                     Both hold for all events of the room in the batch, so the order of a sender is kept.

A call costs as much as several events, and so does each byte of a string that Lua makes, for it hashes them all. So ids are
read and written at once, and log, tail and channel are given the same text: a chunk of what one room got.

Atomicity. Redis runs the script alone and replicates it as one transaction, but does not roll back when it fails. So
everything is read and numbered before anything is written, and the log comes first: what it refuses has left no trace. Behind
it comes what makes those events recognised and their numbers used, whose types were read above. Only a tail may still be of a
wrong type: that is answered when all the rest is done.

A slice lives for two of its lengths, so the present one and the one before hold what is younger than one;
it is gone long before its key is used again. Slices follow the time of the log, which never falls.

A room's time to live begins anew with the first event behind what is committed: marks.lua may have cut that of the tail
short, and the next commit comes long before it is over.

The backlog is appended - committed, exact and without a look at the stream. One event may pass its bound in bytes. ms never
falls, so ids rise even when the clock does not.

kept = "cut half held": a tail is bounded in bytes by halves. `held` bytes came behind the seq `half`; when they are half of the
bound, what is up to `cut` may go, `half` becomes the cut, and a new half begins. So a tail has between half of the bound and all
of it, and two chunks more at most. What is not durable stays in any case: the bound of the backlog holds for that.
]]
local LOG, COUNTERS = KEYS[1], KEYS[2]
local run, backlog_max, backlog_max_bytes = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local tail_events, tail_half_bytes, once_seconds = tonumber(ARGV[4]), tonumber(ARGV[5]) / 2, tonumber(ARGV[6])
local room_count = tonumber(ARGV[7])
local FIRST_ONCE_KEY, SLICES = 3, 4
local FIRST_ROOM_KEY = FIRST_ONCE_KEY + SLICES
local FIRST_ROOM_ARG, ROOM_ARGS, EVENT_ARGS = 8, 4, 3
local FIRST_EVENT_ARG = FIRST_ROOM_ARG + ROOM_ARGS * room_count
local ROOM_SECONDS = 2592000
-- Readers ask for a number of events and cannot know how many an entry has: they get at most this many times as many.
local ENTRY_LINES, CHUNK_LINES = 32, 16
-- Bytes with which an entry or a chunk is closed, however few its lines are.
local ENTRY_BYTES, CHUNK_BYTES = 65536, 16384

local function integer(number)
  return string.format('%d', number)
end

local function read_room(index)
  local key = FIRST_ROOM_KEY + 2 * (index - 1)
  local arg = FIRST_ROOM_ARG + ROOM_ARGS * (index - 1)
  local known = redis.call('HMGET', KEYS[key], 'epoch', 'seq', 'run', 'durable', 'kept')
  local cut, half, held = string.match(known[5] or '0 0 0', '^(%d+) (%d+) (%d+)$')
  local room = {
    head = KEYS[key], tail = KEYS[key + 1], channel = ARGV[arg + 1],
    epoch = known[1], seq = tonumber(known[2] or 0), durable = tonumber(known[4] or 0), pieces = {}, lines = 0, bytes = 0,
    cut = tonumber(cut), half = tonumber(half), held = tonumber(held),
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

local counters = redis.call('HMGET', COUNTERS, 'appended', 'ms', 'committed', 'bytes', 'committed_bytes', 'over')
if counters[6] then return { err = 'OVER the cluster goes on in generation ' .. counters[6] } end
local appended, committed = tonumber(counters[1] or 0), tonumber(counters[3] or 0)
local bytes, committed_bytes = tonumber(counters[4] or 0), tonumber(counters[5] or 0)
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
  room.pieces, room.lines, room.bytes = {}, 0, 0
end

local claims, claimed, answers, taken, taken_bytes = {}, {}, {}, 0, 0
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
  local frame_bytes = #room.next_text + #seq + #head_end + #body
  taken_bytes = taken_bytes + frame_bytes
  room.lines, room.bytes = room.lines + 1, room.bytes + frame_bytes
  if room.lines == CHUNK_LINES or room.bytes >= CHUNK_BYTES then close_chunk(room) end
  return 'a:' .. numbers
end

local function is_full()
  return appended + taken - committed >= backlog_max or bytes + taken_bytes - committed_bytes >= backlog_max_bytes
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
  elseif is_full() then
    answers[index] = 'o'
  else
    answers[index] = take(room, name, ARGV[arg + 2])
  end
end
if taken == 0 then return table.concat(answers, ' ') end
for _, room in ipairs(rooms) do
  if room.lines > 0 then close_chunk(room) end
end

local entry, entry_lines, entry_bytes = {}, 0, 0
local function append_entry()
  appended, bytes = appended + entry_lines, bytes + entry_bytes
  entry[#entry + 1] = 'b'
  entry[#entry + 1] = integer(bytes)
  redis.call('XADD', LOG, integer(log_ms) .. '-' .. integer(appended), unpack(entry))
  entry, entry_lines, entry_bytes = {}, 0, 0
end
for _, chunk in ipairs(chunks) do
  if entry_lines + chunk.lines > ENTRY_LINES or entry_bytes >= ENTRY_BYTES then append_entry() end
  entry[#entry + 1] = 'f'
  entry[#entry + 1] = chunk.text
  entry_lines, entry_bytes = entry_lines + chunk.lines, entry_bytes + #chunk.text
end
append_entry()

redis.call('HSET', once_key(slice), unpack(claims))
redis.call('EXPIRE', once_key(slice), 2 * once_seconds, 'NX')
redis.call('HSET', COUNTERS, 'appended', integer(appended), 'ms', integer(log_ms), 'bytes', integer(bytes))

local fault
for _, chunk in ipairs(chunks) do
  local room, id, added = chunk.room, chunk.last .. '-0', nil
  room.held = room.held + #chunk.text
  if room.held >= tail_half_bytes then room.cut, room.half, room.held = room.half, tonumber(chunk.last), 0 end
  local keep_from = math.min(room.durable, math.max(room.seq - tail_events, room.cut)) + 1
  if keep_from > 1 then
    added = redis.pcall('XADD', room.tail, 'MINID', '~', integer(keep_from), id, 'f', chunk.text)
  else
    added = redis.pcall('XADD', room.tail, id, 'f', chunk.text)
  end
  if added.err then fault = added end
end
for _, room in ipairs(rooms) do
  if room.seq > room.first then
    local kept = integer(room.cut) .. ' ' .. integer(room.half) .. ' ' .. integer(room.held)
    redis.call('HSET', room.head, 'seq', integer(room.seq), 'kept', kept)
    if room.durable >= room.first then
      redis.call('EXPIRE', room.head, ROOM_SECONDS)
      redis.call('EXPIRE', room.tail, ROOM_SECONDS)
    end
  end
end
for _, chunk in ipairs(chunks) do redis.call('PUBLISH', chunk.room.channel, chunk.text) end
return fault or table.concat(answers, ' ')
