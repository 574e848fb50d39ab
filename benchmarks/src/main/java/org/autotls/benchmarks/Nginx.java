package org.autotls.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs nginx with a server block for each name, on one worker, everything else as nginx has it by default. */
final class Nginx {

    private Nginx() {}

    static ServerProcess start(Path program, Path directory, Certificates certificates) {
        int port = ServerProcess.freePort();
        StringBuilder text = new StringBuilder("""
                daemon off;
                worker_processes 1;
                user %s;
                pid nginx.pid;
                error_log stderr error;
                events {}
                http {
                access_log off;
                server_names_hash_max_size 1048576;
                server_names_hash_bucket_size 128;
                client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
                ssl_protocols TLSv1.2 TLSv1.3;
                """.formatted(System.getProperty("user.name")));
        for (int i = 0; i < certificates.count(); i++) {
            Path file = certificates.file(i);
            text.append(
                    "server { listen 127.0.0.1:%d ssl; server_name %s; ssl_certificate %s; ssl_certificate_key %s; }%n"
                            .formatted(port, Certificates.name(i), file, file));
        }
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("nginx.conf"), text.append("}\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ServerProcess.start(
                directory.resolve("log"),
                port,
                List.of(program.toString(), "-p", directory.toString(), "-c", "nginx.conf", "-e", "stderr"));
    }
}
