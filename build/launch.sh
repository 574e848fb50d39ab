# Sourced by ./autotls, examples/run and benchmarks/run: finds a JDK, and builds a program once for all its runs.
#   HERE      the source tree
#   APP       a link to the directory with the jars of the newest build
#   MODULE    the Maven module that is the program
#   SOURCES   what a newer build is needed for when it has changed, relative to HERE
#   MINIMUM_JAVA

readonly BUILD="$HERE/.build"

die() {
    echo "autotls: $*" >&2
    exit "${DIE_CODE:-70}"
}

find_java() {
    if [[ -n "${JAVA_HOME:-}" ]]; then
        [[ -x "$JAVA_HOME/bin/java" ]] || die "JAVA_HOME is $JAVA_HOME, but there is no bin/java in it"
        JAVA="$JAVA_HOME/bin/java"
    else
        JAVA="$(command -v java)" || die "no java found; install a JDK $MINIMUM_JAVA or newer (Debian: apt install openjdk-17-jdk-headless maven) or set JAVA_HOME"
    fi
    JAVA_MAJOR="$(java_major)"
    ((JAVA_MAJOR >= MINIMUM_JAVA)) || die "$JAVA is Java $JAVA_MAJOR; expected $MINIMUM_JAVA or newer. Set JAVA_HOME to a newer JDK"
}

# The file 'release' of a JDK tells its version without starting it.
java_major() {
    local release version=""
    release="$(dirname "$(dirname "$(readlink -f "$JAVA")")")/release"
    [[ -r "$release" ]] && version="$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$release")"
    [[ -n "$version" ]] || version="$("$JAVA" -version 2>&1 | sed -n 's/.*version "\([^"]*\)".*/\1/p')"
    version="${version#1.}" # 1.8 and older
    echo "${version%%[!0-9]*}"
}

is_fresh() {
    [[ -f "$APP/stamp" ]] || return 1
    local changed
    changed="$(cd "$HERE" && find "${SOURCES[@]}" -newer "$APP/stamp" -print -quit)"
    [[ -z "$changed" ]]
}

# Leaves a file as old as the sources that were built: what changes meanwhile is newer, and built next time.
run_maven() {
    command -v mvn >/dev/null || die "not built yet, and no mvn found; install Maven (Debian: apt install maven)"
    local home log="$APP.log"
    home="$(dirname "$(dirname "$(readlink -f "$JAVA")")")"
    [[ -x "$home/bin/javac" ]] || die "$JAVA has no compiler beside it; install a JDK (Debian: apt install openjdk-17-jdk-headless)"
    touch "$APP.started"
    # Maven compiles a module anew only if what it depends on changes in the same run. A run before this one may have. And it
    # leaves the jars there that a program no longer needs, or needed in another version.
    rm -rf "$HERE"/{,examples/}*/target/{maven-status,lib}
    echo "autotls: building (log: $log) ..." >&2
    if ! (cd "$HERE" && JAVA_HOME="$home" mvn -q -B -Dfast -Dmaven.test.skip=true -pl "$MODULE" -am package) >"$log" 2>&1; then
        grep -m 20 -F '[ERROR]' "$log" >&2 || tail -n 20 "$log" >&2
        die "the build failed; the whole log is in $log"
    fi
}

build() {
    run_maven
    install_app "$APP.started"
}

# A directory of its own for each build: a server that runs from the one before keeps its jars.
install_app() {
    local fresh previous jar
    fresh="$(mktemp -d "$APP.XXXXXX")"
    if [[ -d "$HERE/$MODULE/target/quarkus-app" ]]; then # Quarkus has a layout of its own
        cp -r "$HERE/$MODULE/target/quarkus-app/." "$fresh/"
    else
        jar=("$HERE/$MODULE"/target/autotls-*.jar)
        cp "$HERE/$MODULE"/target/lib/*.jar "${jar[@]}" "$fresh/"
    fi
    cp -p "$1" "$fresh/stamp"
    chmod 755 "$fresh" # who serves need not be who built; mktemp makes it 0700
    ln -sfn "$(basename "$fresh")" "$APP.new"
    previous="$(readlink -f "$APP" || true)"
    mv -T "$APP.new" "$APP"
    for old in "$APP".??????; do
        [[ ! -d "$old" || "$old" == "$fresh" || "$old" == "$previous" ]] || rm -rf "$old"
    done
}

# Several first runs at once: one builds, the others wait for it. One lock for all programs: they share modules.
build_once() {
    mkdir -p "$(dirname "$APP")" 2>/dev/null && touch "$BUILD/lock" 2>/dev/null ||
        DIE_CODE=3 die "not built since its sources changed, and this user cannot write to $BUILD, where the build goes; run it once as the owner"
    (
        flock 9
        is_fresh || build
    ) 9>"$BUILD/lock"
}

# Options of the JVM for what our jars do natively.
jvm_options() {
    echo -Xshare:auto
    ((JAVA_MAJOR >= 22)) && echo --enable-native-access=ALL-UNNAMED # BoringSSL and epoll
    ((JAVA_MAJOR >= 23)) && echo --sun-misc-unsafe-memory-access=allow # Netty
    true
}
