/** The commands and their flags. */
export const usage: string = `usage: seldonian describe spec.json (in a checkout: deno run -RW cli.ts describe spec.json)
       seldonian describe data.csv [--separator ";"] [--decimal ,] [--thousands .] [--encoding windows-1252]
                                [--skipLines 1,3] [--text code,zip] [--header age,sex,paid]
       seldonian train spec.json [--out folder] [--quiet]
       seldonian verify folder/certificate.json [--spec spec.json] [--promise "ACC >= 0.95" [--delta 0.05]]
       seldonian card folder [--about about.json]
       seldonian export folder [--rows 1000]
       seldonian retest folder new.csv [--repeats refuse | drop | keep] [--delta 0.05]
       seldonian retest folder --plan spec.json
       seldonian serve folder [--port 8080] [--host 127.0.0.1] [--store decisions.sqlite | postgres://…] [--keyFile key.txt]
                                [--alpha 0.05] [--unknownLevels encode] [--durable outcomes]
       seldonian explain "ACC >= 0.95" [--delta 0.05]
       seldonian bound values.csv [--column name] [--delta 0.05] [--range 0,1] [--method auto]
       seldonian experiment [status | plot] spec.json [--out folder] [--store results.sqlite | postgres://…]
                                [--trials 50] [--threads 2 | --queue redis://…] [--part 3/20 | --slurm 20]
       seldonian worker redis://… | postgres://… [--threads 2]
       seldonian schema [experiment]`;
