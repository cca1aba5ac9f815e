/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include "lkccb/cmd/epoch.h"
#include "lkccb/cmd/spdx.h"
#include "lkccb/cmd/statement.h"
#include "offsets/util/version.h"

#define DATABASE_ID "SPDXRef-database"
#define ID_MAX      64

static void id_make(const struct record *r, size_t i, char ret[ID_MAX])
{
	snprintf(ret, ID_MAX, "SPDXRef-%s-%zu", record_role_name(r->items[i].role), i + 1);
}

static void creation_print(struct jsonw *json, const struct record *r)
{
	char time[EPOCH_TEXT_MAX];

	epoch_text(r->time_s, time);
	jsonw_object_open(json, "creationInfo");
	jsonw_string(json, "created", time);
	jsonw_array_open(json, "creators");
	jsonw_string(json, NULL, "Tool: lkccb-" SEXTANT_VERSION);
	jsonw_array_close(json);
	jsonw_object_close(json);
}

/* "" for sha256: none. */
static void package_print(struct jsonw *json, const char *id, const char *name, const char *version,
                          const char *sha256)
{
	jsonw_object_open(json, NULL);
	jsonw_string(json, "SPDXID", id);
	jsonw_string(json, "name", name);
	if (version)
		jsonw_string(json, "versionInfo", version);
	jsonw_string(json, "downloadLocation", "NOASSERTION");
	jsonw_bool(json, "filesAnalyzed", false);
	if (*sha256) {
		jsonw_array_open(json, "checksums");
		jsonw_object_open(json, NULL);
		jsonw_string(json, "algorithm", "SHA256");
		jsonw_string(json, "checksumValue", sha256);
		jsonw_object_close(json);
		jsonw_array_close(json);
	}
	jsonw_object_close(json);
}

static void relationship_print(struct jsonw *json, const char *from, const char *type,
                               const char *to)
{
	jsonw_object_open(json, NULL);
	jsonw_string(json, "spdxElementId", from);
	jsonw_string(json, "relationshipType", type);
	jsonw_string(json, "relatedSpdxElement", to);
	jsonw_object_close(json);
}

/* Keys only say who was trusted. */
static bool is_source(const struct record_item *item)
{
	return item->role != RECORD_KEYRING;
}

static void packages_print(struct jsonw *json, const struct record *r)
{
	char id[ID_MAX];
	size_t i;

	jsonw_array_open(json, "packages");
	package_print(json, DATABASE_ID, record_base_name(r->o->db), NULL, r->database);
	for (i = 0; i < r->count; i++) {
		id_make(r, i, id);
		if (is_source(&r->items[i]))
			package_print(json, id, r->items[i].name, r->items[i].version,
			              r->items[i].sha256);
	}
	jsonw_array_close(json);
}

static void relationships_print(struct jsonw *json, const struct record *r)
{
	char id[ID_MAX];
	size_t i;

	jsonw_array_open(json, "relationships");
	relationship_print(json, "SPDXRef-DOCUMENT", "DESCRIBES", DATABASE_ID);
	for (i = 0; i < r->count; i++) {
		id_make(r, i, id);
		if (is_source(&r->items[i]))
			relationship_print(json, DATABASE_ID, "GENERATED_FROM", id);
	}
	jsonw_array_close(json);
}

/* Another one for each content: its UUID is made of the digest of the statement. */
static void namespace_print(struct jsonw *json, const struct record *r)
{
	char text[128], digest[DIGEST_HEX_MAX + 1] = { 0 };
	const char *d = digest;
	struct jsonw statement;

	jsonw_init(&statement);
	statement_print(r, &statement);
	json->failed |= statement.failed || digest_bytes(statement.text, statement.size, digest);
	jsonw_deinit(&statement);
	snprintf(text, sizeof(text), "https://spdx.org/spdxdocs/lkccb-%.8s-%.4s-%.4s-%.4s-%.12s", d,
	         d + 8, d + 12, d + 16, d + 20);
	jsonw_string(json, "documentNamespace", text);
}

void spdx_print(const struct record *r, struct jsonw *json)
{
	jsonw_object_open(json, NULL);
	jsonw_string(json, "spdxVersion", "SPDX-2.3");
	jsonw_string(json, "dataLicense", "CC0-1.0");
	jsonw_string(json, "SPDXID", "SPDXRef-DOCUMENT");
	jsonw_string(json, "name", record_base_name(r->o->db));
	namespace_print(json, r);
	creation_print(json, r);
	packages_print(json, r);
	relationships_print(json, r);
	jsonw_object_close(json);
}
