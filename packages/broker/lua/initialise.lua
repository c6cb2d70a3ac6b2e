--[[
Starts a room's epoch, unless the room has a numbering of this run already that is not behind what the caller has seen.

KEYS  1  head of the room (hash, see accept.lua)
      2  tail of the room (stream, id <seq>-0)
      3  counters of the shard (hash, see accept.lua)
ARGV  1  run id of the server that the caller believes to talk to
      2  epoch to start
      3  seq above which it numbers
      4  highest seq that the caller has seen
      5  a name that no log had before
Returns { epoch, seq, durable } as they hold now, as strings.

A log that has no name yet gets one: nothing is appended before some room was initialised, so a log that was flushed never
has its former name.

Atomicity: all reads of the room come before the one HSET of it. Numbers never fall: the new seq is not below any that this Redis has
given out, the new epoch is above the old one.

The tail gets its time back here: what accept.lua appends next does not follow on what is committed, so it does not do so.
]]
local HEAD, TAIL = KEYS[1], KEYS[2]
local run, epoch, seq, seen = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ROOM_SECONDS = 2592000

redis.call('HSETNX', KEYS[3], 'born', ARGV[5])
local known = redis.call('HMGET', HEAD, 'epoch', 'seq', 'run', 'durable')
local known_seq = tonumber(known[2] or 0)
if known[1] and known[3] == run and known_seq >= seen then
  return { known[1], known[2], known[4] or '0' }
end

local newest = redis.call('XREVRANGE', TAIL, '+', '-', 'COUNT', 1)[1]
if newest then known_seq = math.max(known_seq, tonumber(string.match(newest[1], '^%d+'))) end
local new_epoch = string.format('%.0f', math.max(epoch, tonumber(known[1] or -1) + 1))
local new_seq = string.format('%.0f', math.max(seq, seen, known_seq))
redis.call('HSET', HEAD, 'epoch', new_epoch, 'seq', new_seq, 'run', run)
redis.call('EXPIRE', HEAD, ROOM_SECONDS)
redis.call('EXPIRE', TAIL, ROOM_SECONDS)
return { new_epoch, new_seq, known[4] or '0' }
