# The shapes of model/llm_models.csv as an array of C records: they are compiled in.
# Usage: awk -f llm_models.awk llm_models.csv
BEGIN {
    FS = ","
    print "/* Made by model/llm_models.awk. */"
    print "#include \"model/llm.h\"\n#include \"model/llm_models.h\"\n"
    print "const struct model_llm model_llm_models[] = {"
}
NR == 1 {
    fields = NF
    for (i = 1; i <= NF; i++)
        column[i] = $i
    next
}
{
    if (NF != fields) {
        print FILENAME ":" NR ": found " NF " fields, expected " fields > "/dev/stderr"
        exit failed = 1
    }
    printf "    {"
    for (i = 1; i <= NF; i++)
        printf ".%s = %s, ", column[i],
               column[i] == "name" || column[i] == "source" ? "\"" $i "\"" : $i
    print ".weight_bits = 16, .kv_bits = 16},"
}
END {
    if (failed)
        exit 1
    print "};"
    print "const int32_t model_llm_n_models ="
    print "    (int32_t)(sizeof model_llm_models / sizeof model_llm_models[0]);"
}
