package org.autotls.examples;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring Boot on Tomcat: TLS comes with the properties {@code autotls.*}, and without them it serves plain HTTP. */
@SpringBootApplication
@RestController
public class SpringBootExample {

    public static void main(String... arguments) {
        SpringApplication.run(SpringBootExample.class, arguments);
    }

    @GetMapping("/")
    public String hello(HttpServletRequest request) {
        return "Hello from Spring Boot over " + request.getProtocol() + "\n";
    }
}
