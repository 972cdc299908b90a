/*
 * Recorder table: pages of descriptors, made when they are first needed (see recorder-table.h).
 */
#include "recorder-table.h"

#include <sys/mman.h>

#define LIMIT (QK_TABLE_PAGE * QK_TABLE_PAGES)
#define PAGE_SIZE (QK_TABLE_PAGE * sizeof(uintptr_t))

static _Atomic(uintptr_t) *page_of(const struct qk_recorder_table *table, unsigned int fd)
{
	if (fd < QK_TABLE_PAGE)
		return (_Atomic(uintptr_t) *)table->first;
	return atomic_load_explicit(&table->pages[fd / QK_TABLE_PAGE], memory_order_acquire);
}

uintptr_t qk_recorder_table_get(const struct qk_recorder_table *table, int fd)
{
	if ((unsigned int)fd >= LIMIT)
		return QK_FD_OTHER;
	_Atomic(uintptr_t) *page = page_of(table, (unsigned int)fd);
	return page ? atomic_load_explicit(&page[(unsigned int)fd % QK_TABLE_PAGE],
					   memory_order_acquire)
		    : QK_FD_UNKNOWN;
}

/* Threads may make the same page at the same time; one of theirs stays. */
static _Atomic(uintptr_t) *make_page(struct qk_recorder_table *table, unsigned int fd)
{
	_Atomic(uintptr_t) *there = NULL;
	void *page =
		mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return page_of(table, fd);
	if (atomic_compare_exchange_strong(&table->pages[fd / QK_TABLE_PAGE], &there, page))
		return page;
	munmap(page, PAGE_SIZE);
	return there;
}

uintptr_t qk_recorder_table_swap(struct qk_recorder_table *table, int fd, uintptr_t value)
{
	unsigned int number = (unsigned int)fd;

	if (number >= LIMIT)
		return QK_FD_OTHER;
	_Atomic(uintptr_t) *page = page_of(table, number);
	if (!page && value == QK_FD_UNKNOWN)
		return QK_FD_UNKNOWN;
	if (!page)
		page = make_page(table, number);
	return page ? atomic_exchange(&page[number % QK_TABLE_PAGE], value) : QK_FD_OTHER;
}

int qk_recorder_table_next(const struct qk_recorder_table *table, unsigned int fd,
			   unsigned int last)
{
	while (fd <= last && fd < LIMIT) {
		if (!page_of(table, fd)) {
			fd = (fd / QK_TABLE_PAGE + 1) * QK_TABLE_PAGE;
			continue;
		}
		if (qk_recorder_table_get(table, (int)fd) != QK_FD_UNKNOWN)
			return (int)fd;
		fd++;
	}
	return -1;
}
