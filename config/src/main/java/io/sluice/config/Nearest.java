// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was probably meant. */
final class Nearest {

    private static final int WORD_LENGTH_MAX = 64;

    private Nearest() {}

    /** The candidate at the smallest edit distance, if it is near enough: a third of the word, case aside. */
    static Optional<String> to(String word, Collection<String> candidates) {
        if (word.length() > WORD_LENGTH_MAX) {
            return Optional.empty();
        }
        String lower = word.toLowerCase(Locale.ROOT);
        int distanceMax = word.length() / 3;
        return candidates.stream()
                .filter(candidate -> distance(lower, candidate.toLowerCase(Locale.ROOT)) <= distanceMax)
                .min(Comparator.comparingInt(candidate -> distance(lower, candidate.toLowerCase(Locale.ROOT))));
    }

    /** {@code did you mean 'port'?}, or else what is possible. */
    static String hint(String word, Collection<String> candidates) {
        return to(word, candidates)
                .map("did you mean '%s'?"::formatted)
                .orElseGet(() -> "possible here: " + String.join(", ", candidates));
    }

    /** The Levenshtein distance, with two swapped neighbours as one mistake: what fingers do most. */
    private static int distance(String a, String b) {
        int[][] distance = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    distance[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int replaced = distance[i - 1][j - 1] + (same ? 0 : 1);
                distance[i][j] = Math.min(replaced, 1 + Math.min(distance[i - 1][j], distance[i][j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    distance[i][j] = Math.min(distance[i][j], distance[i - 2][j - 2] + 1);
                }
            }
        }
        return distance[a.length()][b.length()];
    }
}
