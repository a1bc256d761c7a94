/* Trees that are made, and texts of trees: they read back as the same tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "model/yaml.h"

#define N(rows) (sizeof rows / sizeof rows[0])

static void assert_same(const struct model_yaml_node *a,
                        const struct model_yaml_node *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_string_equal(a->text, b->text);
    assert_int_equal(a->n, b->n);
    for (int32_t i = 0; i < a->n; i++) {
        if (a->kind == MODEL_YAML_MAP)
            assert_string_equal(a->keys[i]->text, b->keys[i]->text);
        assert_same(a->items[i], b->items[i]);
    }
}

static void assert_reads_back(struct sp_arena *arena,
                              const struct model_yaml_node *root)
{
    const char *text = model_yaml_text(arena, root);
    struct model_yaml doc;
    struct sp_err err = {0};

    if (model_yaml_parse("t.yaml", text, strlen(text), arena, &doc, &err) != SP_OK)
        fail_msg("%s\n%s", err.text, text);
    assert_same(root, doc.root);
}

static const char *const texts[] = {
    "",
    " ",
    "a",
    "two words",
    " leading",
    "trailing ",
    "1e6",
    "0.5",
    "-1",
    "- a",
    "true",
    "null",
    "~",
    "?",
    ": ",
    "a: b",
    "a:b",
    "a #b",
    "#a",
    "&a",
    "*a",
    "!a",
    "%a",
    "@a",
    "`a`",
    "{a}",
    "[a]",
    "a, b",
    "|",
    ">",
    "'",
    "\"",
    "\\",
    "it's \"so\" \\n",
    "two\nlines\n",
    "tab\there",
    "---",
    "...",
    "--- a",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "\xc3\xa9t\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x8d\x95",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaa",
};

static void any_text_reads_back_as_value_key_and_element(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(texts); i++) {
        struct sp_arena *arena = sp_arena_new();
        const struct model_yaml_node *text = model_yaml_scalar(arena, texts[i]);
        const struct model_yaml_node *list = model_yaml_list(arena, &text, 1);
        const struct model_yaml_node *map =
            model_yaml_with(arena, model_yaml_empty_map(), "v", text);

        map = model_yaml_with(arena, map, "list", list);
        map = model_yaml_with(arena, map, "deep",
                              model_yaml_with(arena, model_yaml_empty_map(), "v", map));
        if (texts[i][0] != '\0' && strpbrk(texts[i], "\n\t") == NULL)
            map = model_yaml_with(arena, map, texts[i], text);
        assert_reads_back(arena, map);
        sp_arena_free(arena);
    }
}

static const struct model_yaml_node *random_tree(struct sp_rng *r,
                                                 struct sp_arena *arena, int depth)
{
    const struct model_yaml_node *items[6], *map = model_yaml_empty_map();
    uint64_t kind = sp_rng_next(r) % (depth > 0 ? 3 : 1);
    int32_t n = (int32_t)(sp_rng_next(r) % 5);

    if (kind == 0)
        return model_yaml_scalar(arena, texts[sp_rng_next(r) % N(texts)]);
    for (int32_t i = 0; i < n; i++)
        items[i] = random_tree(r, arena, depth - 1);
    if (kind == 1)
        return model_yaml_list(arena, items, n);
    for (int32_t i = 0; i < n; i++)
        map = model_yaml_with(arena, map, sp_arena_printf(arena, "k%d: %d", i, i),
                              items[i]);
    return map;
}

static void random_trees_read_back(void **state)
{
    struct sp_rng r = sp_rng_from_key(20261123);

    (void)state;
    for (int i = 0; i < 2000; i++) {
        struct sp_arena *arena = sp_arena_new();
        const struct model_yaml_node *root = model_yaml_with(
            arena, model_yaml_empty_map(), "root", random_tree(&r, arena, 5));

        assert_reads_back(arena, root);
        sp_arena_free(arena);
    }
}

static void a_map_keeps_its_order_and_its_original(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_yaml_node *one = model_yaml_scalar(arena, "1"), *a, *b;

    (void)state;
    a = model_yaml_with(arena, model_yaml_empty_map(), "x", one);
    a = model_yaml_with(arena, a, "y", one);
    b = model_yaml_with(arena, a, "x", model_yaml_scalar(arena, "2"));
    assert_string_equal(model_yaml_text(arena, b), "x: 2\ny: 1\n");
    assert_string_equal(model_yaml_text(arena, a), "x: 1\ny: 1\n");
    assert_string_equal(model_yaml_text(arena, model_yaml_without(arena, b, "x")),
                        "y: 1\n");
    assert_string_equal(model_yaml_text(arena, model_yaml_without(arena, b, "z")),
                        "x: 2\ny: 1\n");
    assert_int_equal(model_yaml_empty_map()->n, 0);
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_text_reads_back_as_value_key_and_element),
        cmocka_unit_test(random_trees_read_back),
        cmocka_unit_test(a_map_keeps_its_order_and_its_original),
    };

    return cmocka_run_group_tests_name("yaml_write", tests, NULL, NULL);
}
