/*
 * The map of CTL transaction ids: given in turn, so that a late answer finds its own request.
 */
#include "ctl-map.h"

#include <stddef.h>

static bool is_free(const struct ctl_request *request, uint64_t now_usec)
{
	return request->kind == CTL_FREE || now_usec - request->sent_usec > CTL_PATIENCE_USEC;
}

static bool has_its_share(const struct ctl_map *map, const struct peer *peer, uint64_t now_usec)
{
	unsigned int count = 0;

	if (!peer || map->used < CTL_MOST)
		return false;
	for (size_t id = 1; id < 256; id++)
		count += map->requests[id].peer == peer && !is_free(&map->requests[id], now_usec);
	return count >= CTL_SHARE;
}

uint8_t ctl_map_take(const struct ctl_map *map, const struct peer *peer, uint64_t now_usec)
{
	uint8_t id = map->last;

	if (has_its_share(map, peer, now_usec))
		return 0;
	for (unsigned int n = 0; n < 255; n++) {
		id = id == 255 ? 1 : (uint8_t)(id + 1);
		if (is_free(&map->requests[id], now_usec))
			return id;
	}
	return 0;
}

void ctl_map_put(struct ctl_map *map, uint8_t id, const struct ctl_request *request)
{
	map->used = (uint8_t)(map->used + (map->requests[id].kind == CTL_FREE));
	map->requests[id] = *request;
	map->last = id;
}

bool ctl_map_answer(struct ctl_map *map, uint16_t id, struct ctl_request *ret)
{
	if (id == 0 || id > 255 || map->requests[id].kind == CTL_FREE)
		return false;
	*ret = map->requests[id];
	map->requests[id] = (struct ctl_request){ 0 };
	map->used--;
	return true;
}

void ctl_map_expire(struct ctl_map *map, uint64_t now_usec)
{
	for (size_t id = 1; id < 256; id++) {
		if (map->requests[id].kind == CTL_FREE || !is_free(&map->requests[id], now_usec))
			continue;
		map->requests[id] = (struct ctl_request){ 0 };
		map->used--;
	}
}

void ctl_map_forget(struct ctl_map *map, const struct peer *peer)
{
	for (size_t id = 1; id < 256; id++) {
		if (map->requests[id].peer == peer)
			map->requests[id].peer = NULL;
	}
}
