/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "loader/bpf/hook.h"
#include "loader/cli/option_help.h"
#include "loader/cli/usage.h"
#include "loader/config/config.h"
#include "loader/stream/fields.h"

#define INDENT 29 /* columns before the description of an option */
#define WIDTH  96 /* of a line */

/* Prints the text behind what stands in the line, which is broken behind a separator. */
static void text_print(FILE *out, size_t column, const char *text, char separator)
{
	const char separators[] = { separator, '\0' };
	size_t size, printed;
	bool blank;

	if (column < INDENT)
		fprintf(out, "%*s", (int)(INDENT - column), "");
	else
		fprintf(out, "\n%*s", INDENT, "");
	for (column = INDENT; *text; text += size) {
		size = strcspn(text, separators);
		printed = size + (separator != ' ' && text[size]);
		size += text[size] != '\0';
		blank = separator == ' ' && column > INDENT;
		if (column + blank + printed > WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
			blank = false;
		}
		column += (size_t)fprintf(out, "%s%.*s", blank ? " " : "", (int)printed, text);
	}
	fputc('\n', out);
}

static void list_print(FILE *out, const char *list)
{
	text_print(out, 0, list, ',');
}

static void name_add(char *list, size_t size, const char *name)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used ? "," : "", name);
}

static void classes_print(FILE *out, unsigned int classes)
{
	char list[512] = "";
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (classes & (1U << type))
			name_add(list, sizeof(list), event_type_name(type));
	list_print(out, list);
}

static void attach_methods_print(FILE *out)
{
	char list[512] = "";
	unsigned int method;

	for (method = 0; method < ATTACH_METHODS; method++)
		name_add(list, sizeof(list), attach_method_name(method));
	list_print(out, list);
}

/* The names that a list may have, which are not written down twice. */
static void names_print(FILE *out, const char *option)
{
	if (!strcmp(option, "events")) {
		classes_print(out, ~0U);
		fprintf(out, "%*sdefault:\n", INDENT, "");
		classes_print(out, event_types_default());
	} else if (!strcmp(option, "attach")) {
		attach_methods_print(out);
	} else if (!strcmp(option, "env")) {
		list_print(out, ENV_DEFAULT);
	}
}

/* Those of a command; NULL: of all. */
static void options_print(FILE *out, const struct command *command)
{
	const struct option_help *help;
	int column;
	size_t i;

	fputs("\noptions:\n", out);
	for (i = 0; i < option_helps_count(); i++) {
		help = option_help_get(i);
		if (command && !(help->commands & command->bit))
			continue;
		column = fprintf(out, "  --%s%s%s", help->name, help->value ? " " : "",
		                 help->value ? help->value : "");
		text_print(out, (size_t)column, help->text, ' ');
		names_print(out, help->name);
	}
	fputs("  -v, --verbose              the same as --log-level debug: also what libbpf says\n"
	      "  -V, --version              print the version\n"
	      "  -h, --help                 print this text, or that of the command before it\n",
	      out);
}

void usage_print(FILE *out, const struct command *commands, size_t count)
{
	size_t i;

	fputs("usage: sextant COMMAND [OPTION...]\n\ncommands:\n", out);
	for (i = 0; i < count; i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].help);
	options_print(out, NULL);
	fputs("\nexit status:\n"
	      "  0  done\n"
	      "  1  failed; the next start may succeed\n"
	      "  2  wrong usage\n"
	      "  3  no offsets for this kernel\n"
	      "  4  exec, fork or all classes failed the self-test: wrong offsets for this "
	      "kernel;\n"
	      "     or the database is unsigned, wrongly signed or older, against --db-key\n"
	      "     check --try: no offsets are proven\n"
	      "  5  the kernel accepts none of the programs, or rights are missing\n"
	      "  6  check: some event classes would not work; status: there is a problem\n"
	      "  7  run: an event class of --require does not work\n"
	      "\nexamples:\n"
	      "  sextant run --format text --duration 10\n"
	      "  sextant run --events exec,file,socket --require exec,file --output "
	      "/var/log/events\n"
	      "  sextant run --config " CONFIG_FILE "\n"
	      "  sextant check --json\n"
	      "  sextant check --try --stream --db kernels.db --pin /var/lib/sextant/local.db\n"
	      "  sextant show --kernel-override 3.10.0-1160.el7.x86_64 --db kernels.db\n",
	      out);
}

void usage_command_print(FILE *out, const struct command *command)
{
	fprintf(out, "usage: sextant %s%s [OPTION...]\n\n%s\n", command->name,
	        command->bit == COMMAND_REPLAY ? " FILE" : "", command->help);
	options_print(out, command);
	fprintf(out,
	        "\n'sextant --help' lists all options and exit statuses; see also sextant(8).\n");
}
