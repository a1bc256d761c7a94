# A text file as a C array of characters: the catalogs are compiled in.
# Usage: awk -v name=model_text_x [-v header=model/embedded.h] -f embed.awk FILE...
BEGIN {
    print "/* Made by model/embed.awk. */"
    print "#include \"" (header == "" ? "model/embedded.h" : header) "\"\n"
    print "const char " name "[] ="
}
{
    gsub(/\\/, "&&")
    gsub(/"/, "\\\"")
    gsub(/[?]/, "\\?")
    print "    \"" $0 "\\n\""
}
END { print "    \"\";" }
