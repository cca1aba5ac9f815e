/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/input/kernels.h"

void kernels_free(struct kernels *kernels)
{
	while (kernels->count)
		offsets_kernel_free(kernels->list[--kernels->count]);
}

static int complete(const char *path, const struct offsets_kernel *kernel,
                    struct offsets_error *error)
{
	if (!offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE))
		return offsets_fail(error, -EINVAL,
		                    "%s: does not name its release; give it with --release", path);
	if (!offsets_kernel_key(kernel, OFFSETS_KEY_MACHINE))
		return offsets_fail(error, -EINVAL,
		                    "%s: does not name its machine; give it with --machine", path);
	return 0;
}

/* The facts of the module that its kernel lacks. Facts that both have must be equal. */
static int module_rest(const char *path, const struct offsets_kernel *module,
                       const struct offsets_kernel *kernel, struct offsets_kernel *rest,
                       struct offsets_error *error)
{
	const struct offsets_fact *f;
	size_t i;
	int err = 0;

	for (i = 0; !err && (f = offsets_kernel_fact_at(module, i)); i++) {
		const struct offsets_fact *same = offsets_kernel_fact(kernel, f->type, f->member);

		if (same && !offsets_fact_same(f, same))
			return offsets_fail(error, -ENOTUNIQ,
			                    "%s: %s.%s is at %u in module %s and at %u in the "
			                    "kernel; the package mixes two builds",
			                    path, f->type, f->member, f->offset,
			                    offsets_kernel_key(module, OFFSETS_KEY_MODULE),
			                    same->offset);
		if (!same)
			err = offsets_kernel_add_fact(rest, f);
	}
	return err ? offsets_fail(error, err, "%s: out of memory", path) : 0;
}

static int module_reduce(const char *path, struct offsets_kernel *module,
                         const struct offsets_kernel *kernel, struct offsets_error *error)
{
	struct offsets_kernel *rest = offsets_kernel_new();
	int err = rest ? module_rest(path, module, kernel, rest, error)
	               : offsets_fail(error, -ENOMEM, "%s: out of memory", path);

	if (!err) {
		offsets_kernel_clear(module);
		if (offsets_kernel_copy_facts(module, rest))
			err = offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	}
	offsets_kernel_free(rest);
	return err;
}

/* A module may define nothing that its kernel lacks: overlay before 4.13. */
static void empty_drop(struct kernels *kernels)
{
	size_t i, kept = 0;

	for (i = 0; i < kernels->count; i++)
		if (offsets_kernel_count(kernels->list[i]))
			kernels->list[kept++] = kernels->list[i];
		else
			offsets_kernel_free(kernels->list[i]);
	kernels->count = kept;
}

static bool same_release(const struct offsets_kernel *a, const struct offsets_kernel *b)
{
	return !strcmp(offsets_kernel_key(a, OFFSETS_KEY_RELEASE),
	               offsets_kernel_key(b, OFFSETS_KEY_RELEASE));
}

/* The kernel of the same release, or a package's only kernel. */
static const struct offsets_kernel *kernel_of(const struct kernels *kernels,
                                              const struct offsets_kernel *module)
{
	const struct offsets_kernel *found = NULL;
	size_t i, count = 0;

	for (i = 0; i < kernels->count; i++) {
		const struct offsets_kernel *k = kernels->list[i];

		if (offsets_kernel_key(k, OFFSETS_KEY_MODULE))
			continue;
		count++;
		if (!found || same_release(k, module))
			found = k;
	}
	return count > 1 && !same_release(found, module) ? NULL : found;
}

static int modules_reduce(const char *path, struct kernels *kernels, struct offsets_error *error)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < kernels->count; i++) {
		struct offsets_kernel *k = kernels->list[i];
		const struct offsets_kernel *kernel =
			offsets_kernel_key(k, OFFSETS_KEY_MODULE) ? kernel_of(kernels, k) : NULL;

		if (kernel)
			err = module_reduce(path, k, kernel, error);
	}
	if (!err)
		empty_drop(kernels);
	return err;
}

/* A package may contain the same kernel twice. */
static void same_drop(struct kernels *kernels)
{
	size_t i, j, kept = 0;

	for (i = 0; i < kernels->count; i++) {
		const char *id = offsets_kernel_key(kernels->list[i], OFFSETS_KEY_BUILD_ID);

		for (j = 0; j < kept; j++)
			if (id && offsets_kernel_key(kernels->list[j], OFFSETS_KEY_BUILD_ID) &&
			    !strcmp(offsets_kernel_key(kernels->list[j], OFFSETS_KEY_BUILD_ID),
			            id) &&
			    offsets_kernel_same_facts(kernels->list[j], kernels->list[i]))
				break;
		if (j == kept)
			kernels->list[kept++] = kernels->list[i];
		else
			offsets_kernel_free(kernels->list[i]);
	}
	kernels->count = kept;
}

int kernels_settle(const char *path, struct kernels *kernels, struct offsets_error *error)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < kernels->count; i++)
		err = complete(path, kernels->list[i], error);
	if (err)
		return err;
	same_drop(kernels);
	return modules_reduce(path, kernels, error);
}
