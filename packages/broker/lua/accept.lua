--[[
Accepts batches of events, one for each of several shards: recognises re-sent events, numbers the others, appends them to the log
of the shard and to the tails of their rooms, and publishes them.

KEYS and ARGV are those of one shard after another. In front of the ARGV of a shard are the numbers of its keys and of its
arguments. Returns an answer or an error for each shard, in order. READONLY ends the call: its connection must see it.

Of each shard:
KEYS  1              log of the shard (stream; id <ms>-<n>; each field f holds frames, one per line; n counts events and is the
                     number of the last event of the entry; field b = bytes ever appended, including this entry)
      2              counters of the shard (hash): appended = events ever appended, bytes = bytes of their frames, ms = time part
                     of the newest id, committed and committed_bytes = the parts of both that the writer has committed
                     (trim.lua), born = id of this log (initialise.lua), over = the generation that has replaced this one
      3 ... 6        dedupe buckets by time slice, used in turn (hash: event -> "epoch:seq:at")
      7 ...          per room: head (hash: epoch, seq, run, durable, kept), tail (stream; id <seq>-0, seq of the last event of
                     the entry; field f holds frames, one per line)
ARGV  1              run id of the server that the caller believes it talks to
      2, 3           bounds of the backlog: events and bytes that are appended and not yet committed
      4, 5           minimum of events in a tail, unless they have more than this many bytes
      6              length of a time slice in seconds: the minimum time for which a re-sent event is recognised
      7              number of rooms R
      then           per room: id, channel, highest seq that the caller has seen, epoch that it knows (0: none)
      then           per event: index of its room (1 ... R), its dedupe key, its frame without the head
Answers per event, in order, separated by spaces
      a:epoch:seq:at accepted
      d:epoch:seq:at duplicate, with the numbers that the event already has
      o              overloaded: the backlog is at its bound. Later events of the batch that are no duplicates get this too.
      u:head         uninitialised: the room has no numbering of this run, or one behind the caller's. head = the known seq.
      r:epoch        restarted: the room is in this epoch, not in the one that the caller knows
                     u and r hold for all events of the room in the batch, so the order of a sender is kept.
Fails with OVER if a later generation of the cluster has replaced this one: no writer reads this log any more.

Cost. A call costs as much as several events. So does each byte of a string that Lua creates, because Lua hashes strings. So the
script reads and writes all dedupe fields at once, and log, tail and channel get the same text: a chunk with the frames of one room.

Atomicity. Redis runs the script alone and replicates it as one transaction, but does not roll back if it fails. So a shard is
read and numbered completely before it is written. The log is written first: if that fails, nothing of the shard has changed.
The dedupe and the counters follow; the reads have checked their types. The error of a tail of a wrong type is returned last.

A bucket expires after two slices. So the present bucket and the one before hold all events younger than one slice, and a bucket
is gone before its key is used again. Slices follow the time of the log, which never goes back.

The first event after a completely committed tail renews the expiry of the room: marks.lua may have shortened that of the tail,
and the next commit comes long before the new one ends.

The backlog is appended - committed: exact, without reading the stream. One event may exceed its bound in bytes. ms never goes
back, so ids ascend even if the clock does not.

kept = "cut half held" bounds a tail in bytes by halves. `held` counts the bytes after seq `half`. When they reach half of the
bound, `cut` takes the value of `half`, `half` becomes the newest seq, and events up to `cut` may be trimmed. So a tail has
between half of the bound and all of it, plus two chunks. Events that are not durable always stay; the bound of the backlog
covers them.
]]
local function accept(KEYS, ARGV)
  local LOG, COUNTERS = KEYS[1], KEYS[2]
  local run, backlog_max, backlog_max_bytes = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
  local tail_events, tail_half_bytes, slice_seconds = tonumber(ARGV[4]), tonumber(ARGV[5]) / 2, tonumber(ARGV[6])
  local room_count = tonumber(ARGV[7])
  local FIRST_BUCKET_KEY, BUCKETS = 3, 4
  local FIRST_ROOM_KEY = FIRST_BUCKET_KEY + BUCKETS
  local FIRST_ROOM_ARG, ROOM_ARGS, EVENT_ARGS = 8, 4, 3
  local FIRST_EVENT_ARG = FIRST_ROOM_ARG + ROOM_ARGS * room_count
  local ROOM_SECONDS = 2592000
  -- Upper bounds of events per log entry and per chunk. Readers ask for entries and get at most this many events for each.
  local ENTRY_LINES, CHUNK_LINES = 32, 16
  -- An entry or chunk is also closed when it reaches this many bytes.
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

  local function bucket_key(slice)
    return KEYS[FIRST_BUCKET_KEY + slice % BUCKETS]
  end
  local slice = math.floor(log_ms / 1000 / slice_seconds)
  local names = {}
  for arg = FIRST_EVENT_ARG, #ARGV, EVENT_ARGS do names[#names + 1] = ARGV[arg + 1] end
  local present = redis.call('HMGET', bucket_key(slice), unpack(names))
  local before = redis.call('HMGET', bucket_key(slice - 1), unpack(names))

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

  redis.call('HSET', bucket_key(slice), unpack(claims))
  redis.call('EXPIRE', bucket_key(slice), 2 * slice_seconds, 'NX')
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
end

local function part(values, from, count)
  local found = {}
  for index = 1, count do found[index] = values[from + index - 1] end
  return found
end

local answers, key, arg = {}, 1, 1
while arg < #ARGV do
  local key_count, arg_count = tonumber(ARGV[arg]), tonumber(ARGV[arg + 1])
  local done, answer = pcall(accept, part(KEYS, key, key_count), part(ARGV, arg + 2, arg_count))
  if not done then
    local text = type(answer) == 'table' and answer.err or answer
    if string.find(text, 'READONLY', 1, true) then return { err = text } end
    answer = { err = text }
  end
  answers[#answers + 1] = answer
  key, arg = key + key_count, arg + 2 + arg_count
end
return answers
