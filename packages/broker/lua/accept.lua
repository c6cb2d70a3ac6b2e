--[[
Takes a batch of events of one shard: recognises what was sent before, numbers the rest, appends it to the log of the
shard and to the tails of the rooms, and publishes it.

KEYS  1              log of the shard (stream; entry field f = the whole frame)
      2              counters of the shard (hash): appended = entries ever appended, ms = time part of the newest entry's
                     id, committed = entries the writer has committed (trim.lua), born = name of this log (initialise.lua)
      3 …            per room: head (hash: epoch, seq, run, durable), tail (stream, id <seq>-0)
      then           per event: the key under which a re-sent event is recognised (string "epoch:seq:at")
ARGV  1              run id of the server that the caller believes to talk to
      2              bound of the backlog: entries appended and not yet committed
      3              events that a tail keeps at least
      4              seconds for which a re-sent event is recognised
      5              number of rooms R
      then           per room: id, channel, highest seq that the caller has seen, epoch that it knows (0: none)
      then           per event: index of its room (1 … R), frame behind its head
Returns one string per event, in order
      a:epoch:seq:at accepted
      d:epoch:seq:at recognised: these are the numbers it got
      o              overloaded: the backlog is at its bound; so is everything later in the batch that is not recognised
      u:head         uninitialised: the room has no numbering of this run, or one behind the caller's; head = known seq.
      r:epoch        restarted: the room is in another epoch than the caller knows, in this one
                     Both hold for all events of the room in the batch, so the order of a sender is kept.

Atomicity. Redis runs the script alone and replicates it as one transaction, but does not roll back when it fails. So
all that can be of a wrong type is read before anything is written where that is cheap, and a fault in the loop ends the
batch, undoes the claim of an event that did not reach the log, and still writes down the numbers of all that did: a seq
is never used again, and what is in the log is recognised when it is sent again.

A room's time to live begins anew with the first event behind what is committed: marks.lua may have cut that of the tail
short, and the next commit comes long before it is over.

An id of the log is <ms>-<n>, n counting the entries: the backlog is appended - committed, exact and without a look at the
stream. ms never falls, so ids rise even when the clock does not.
]]
local LOG, COUNTERS = KEYS[1], KEYS[2]
local run, backlog_max, tail_events, once_seconds = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local room_count = tonumber(ARGV[5])
local FIRST_ROOM_ARG, ROOM_ARGS, EVENT_ARGS = 6, 4, 2
local ROOM_SECONDS = 2592000

local function integer(number)
  return string.format('%.0f', number)
end

local function read_room(index)
  local key = 1 + 2 * index
  local arg = FIRST_ROOM_ARG + ROOM_ARGS * (index - 1)
  local known = redis.call('HMGET', KEYS[key], 'epoch', 'seq', 'run', 'durable')
  local room = {
    head = KEYS[key], tail = KEYS[key + 1], channel = ARGV[arg + 1],
    epoch = known[1], seq = tonumber(known[2] or 0), durable = tonumber(known[4] or 0),
  }
  room.ready = known[1] and known[3] == run and room.seq >= tonumber(ARGV[arg + 2])
  local expected = ARGV[arg + 3]
  room.restarted = expected ~= '0' and expected ~= known[1]
  room.first = room.seq
  room.text = '{"type":"event","room":"' .. ARGV[arg] .. '","epoch":' .. (known[1] or '') .. ',"seq":'
  return room
end

local rooms = {}
for index = 1, room_count do rooms[index] = read_room(index) end

local counters = redis.call('HMGET', COUNTERS, 'appended', 'ms', 'committed')
local appended, committed = tonumber(counters[1] or 0), tonumber(counters[3] or 0)
local appended_before = appended
local time = redis.call('TIME')
local at = time[1] .. string.format('%03d', math.floor(tonumber(time[2]) / 1000))
local log_ms = integer(math.max(tonumber(at), tonumber(counters[2] or 0)))

local claimed = nil
local function take(room, once, body)
  local seq = integer(room.seq + 1)
  local numbers = room.epoch .. ':' .. seq .. ':' .. at
  local earlier = redis.call('SET', once, numbers, 'NX', 'GET', 'EX', once_seconds)
  if earlier then return 'd:' .. earlier end

  claimed = once
  local frame = room.text .. seq .. ',"at":' .. at .. body
  redis.call('XADD', LOG, log_ms .. '-' .. integer(appended + 1), 'f', frame)
  claimed = nil
  appended = appended + 1
  room.seq = room.seq + 1

  local keep_from = math.min(room.durable + 1, room.seq + 1 - tail_events)
  if keep_from > 1 then
    redis.call('XADD', room.tail, 'MINID', '~', integer(keep_from), seq .. '-0', 'f', frame)
  else
    redis.call('XADD', room.tail, seq .. '-0', 'f', frame)
  end
  redis.call('PUBLISH', room.channel, frame)
  return 'a:' .. numbers
end

local answers = {}
local function take_all()
  local key = 3 + 2 * room_count
  local arg = FIRST_ROOM_ARG + ROOM_ARGS * room_count
  for index = 1, #KEYS - key + 1 do
    local room, once = rooms[tonumber(ARGV[arg])], KEYS[key + index - 1]
    if not room.ready then
      answers[index] = 'u:' .. integer(room.seq)
    elseif room.restarted then
      answers[index] = 'r:' .. room.epoch
    elseif appended - committed >= backlog_max then
      local earlier = redis.call('GET', once)
      answers[index] = earlier and 'd:' .. earlier or 'o'
    else
      answers[index] = take(room, once, ARGV[arg + 1])
    end
    arg = arg + EVENT_ARGS
  end
end

local whole, fault = pcall(take_all)
if claimed then redis.pcall('DEL', claimed) end
if appended > appended_before then
  redis.call('HSET', COUNTERS, 'appended', integer(appended), 'ms', log_ms)
  for _, room in ipairs(rooms) do
    if room.seq > room.first then
      redis.call('HSET', room.head, 'seq', integer(room.seq))
      if room.durable >= room.first then
        redis.call('EXPIRE', room.head, ROOM_SECONDS)
        redis.call('EXPIRE', room.tail, ROOM_SECONDS)
      end
    end
  end
end
if not whole then
  -- What Redis itself refused (OOM, MISCONF) keeps its code: the caller tells by it that asking again may help.
  local text = type(fault) == 'table' and fault.err or tostring(fault)
  return redis.error_reply(string.find(text, '^%u+ ') and text or 'ERR ' .. text)
end
return answers
