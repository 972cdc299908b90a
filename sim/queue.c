/*
 * Queue: a bounded run of bytes (see queue.h).
 */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(struct qk_sim_queue *queue, size_t size)
{
	size_t used = queue->end - queue->start;

	if (size > QK_SIM_QUEUE_MAX - used)
		return false;
	if (size <= queue->capacity - queue->end)
		return true;
	if (used)
		memmove(queue->data, queue->data + queue->start, used);
	queue->start = 0;
	queue->end = used;
	if (size <= queue->capacity - used)
		return true;
	size_t capacity = queue->capacity ? queue->capacity : 4096;
	while (capacity < used + size)
		capacity *= 2;
	uint8_t *data = realloc(queue->data, capacity);
	if (!data)
		return false;
	queue->data = data;
	queue->capacity = capacity;
	return true;
}

void qk_sim_queue_put(struct qk_sim_queue *queue, struct qk_span bytes)
{
	if (!bytes.size)
		return;
	if (!make_room(queue, bytes.size)) {
		queue->lost++;
		return;
	}
	memcpy(queue->data + queue->end, bytes.data, bytes.size);
	queue->end += bytes.size;
}

struct qk_span qk_sim_queue_waiting(const struct qk_sim_queue *queue)
{
	if (queue->start == queue->end)
		return (struct qk_span){ 0 };
	return (struct qk_span){ queue->data + queue->start, queue->end - queue->start };
}

void qk_sim_queue_drop(struct qk_sim_queue *queue, size_t size)
{
	size_t used = queue->end - queue->start;

	queue->start += size < used ? size : used;
	if (queue->start == queue->end)
		queue->start = queue->end = 0;
}

void qk_sim_queue_clear(struct qk_sim_queue *queue)
{
	queue->start = queue->end = 0;
}

void qk_sim_queue_done(struct qk_sim_queue *queue)
{
	free(queue->data);
	*queue = (struct qk_sim_queue){ 0 };
}
